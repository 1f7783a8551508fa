import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { kernelModule, kernelSource } from "../../.build/kernels/generate.ts";
import { KERNEL_LANES } from "../../src/hash/kernel-layout.ts";
import { KERNELS_BASE64 } from "../../src/hash/kernels.ts";
import { hasSimd } from "../../src/hash/lanes.ts";

test("kernelSource() gives what is committed", () => {
  const committed = readFileSync(new URL("../../src/hash/kernels.ts", import.meta.url), "utf8");
  assert.equal(kernelSource(), committed);
  assert.equal(Buffer.from(kernelModule()).toString("base64"), KERNELS_BASE64);
});

test("kernelModule() is a module with the kernels that the layout names", () => {
  const exports = WebAssembly.Module.exports(new WebAssembly.Module(Uint8Array.from(kernelModule())));
  assert.deepEqual(
    exports.map(({ name, kind }) => [name, kind]),
    Object.keys(KERNEL_LANES).map((name) => [name, "function"]),
  );
});

test("hasSimd() says what this machine's Node.js accepts", () => {
  assert.equal(hasSimd(), true);
});
