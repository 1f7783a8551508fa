import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { delimiter, join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

const PROGRAM = fileURLToPath(new URL("../../dist/cli/spooldiff.cjs", import.meta.url));

/** A way to start a Node.js without Node-API 10: that of the system, else one from a package; null if there is none. */
function oldNode(): readonly [file: string, ...words: string[]] | null {
  const inPath = (process.env.PATH ?? "")
    .split(delimiter)
    .filter((folder) => folder !== "" && !folder.includes("node_modules"))
    .map((folder) => join(folder, "node"));
  const architecture = process.arch === "arm64" ? "arm64" : "x64";
  const packaged = ["npm", "exec", "--yes", `--package=node-linux-${architecture}@20`, "--", "node"] as const;
  for (const candidate of [...inPath.map((file) => [file] as const), packaged]) {
    const [file, ...words] = candidate;
    const { status, stdout } = spawnSync(file, [...words, "-p", "process.versions.napi"], { encoding: "utf8" });
    if (status === 0 && Number(stdout) > 0 && Number(stdout) < 10) return candidate;
  }
  return null;
}

test("spooldiff on a Node.js that is too old says so in one sentence and exits 2", (context) => {
  const found = oldNode();
  if (found === null) {
    // Where nobody checks the result by eye, a guard that was not tried is a failure.
    assert.ok(!process.env.CI, "Cannot try the guard: no Node.js before Node-API 10 here, and none to be had");
    context.skip("no Node.js that is too old is here");
    return;
  }
  const [file, ...words] = found;
  const { status, signal, stdout, stderr } = spawnSync(file, [...words, PROGRAM, "--help"], { encoding: "utf8" });
  assert.equal(signal, null);
  assert.equal(status, 2);
  assert.equal(stdout, "");
  assert.match(stderr, /^spooldiff: Node\.js \d+\.\d+\.\d+ is too old: spooldiff needs 22\.18 or newer[^\n]*\n$/);
});
