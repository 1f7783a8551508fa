/**
 * `npm run equal -- --messages 200000`: a generated spool is scanned in every way that a scan can be made quicker or
 * gentler, and each manifest has to hold the same rows as that of one thread without any of it. `--mailboxes N` is how
 * many the messages are dealt to: with few of them all threads read each together. Run `npm run build` first.
 */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { parseArgs } from "node:util";
import { ensureTree } from "../native-bench/generate.ts";
import { QUICK_TREES } from "../native-bench/tree-plan.ts";
import { PROGRAM } from "./support/command-line.ts";
import { manifestRowsText } from "./support/manifest-rows-text.ts";

/** Without them Node.js has no SIMD in WebAssembly, and OpenSSL digests one file at a time. */
const WITHOUT_SIMD = ["--no-enable-sse4-1"];

const { values } = parseArgs({
  options: { messages: { type: "string", default: "200000" }, mailboxes: { type: "string" } },
});
const messages = Number(values.messages);
const mailboxes = Number(values.mailboxes ?? Math.ceil(messages / 100));
if (![messages, mailboxes].every((n) => Number.isInteger(n) && n > 0)) {
  throw new RangeError("Cannot use these numbers: --messages and --mailboxes are whole numbers from 1");
}
const folder = join(tmpdir(), `spooldiff-equal-${process.getuid?.() ?? "user"}`);
mkdirSync(folder, { recursive: true, mode: 0o700 });
const [small] = QUICK_TREES;
if (small === undefined) throw new TypeError("there is no plan of a tree");
const plan = { ...small, name: `equal-${mailboxes}`, messages, mailboxes };
const tree = ensureTree(plan, folder, (line) => console.log(line));
// What changed a moment ago is always read again.
await setTimeout(2100);

/** Scans anew; how long that took. */
function scan(output: string, words: readonly string[], nodeOptions: readonly string[] = []): number {
  for (const path of [output, `${output}.partial`]) rmSync(path, { force: true });
  const command = [...nodeOptions, PROGRAM, "scan", "-C", tree.primaryConf, "-o", output, "--quiet", ...words];
  const began = performance.now();
  const { status, stderr } = spawnSync(process.execPath, command, {
    encoding: "utf8",
    env: { ...process.env, SPOOLDIFF_CONFIG: "" },
  });
  assert.equal(status, 0, stderr);
  return performance.now() - began;
}

const output = join(folder, "scanned.db");
const base = join(folder, "base.db");
for (const level of ["full", "quick"] as const) {
  const plainMs = scan(base, ["--level", level, "--workers", "0"], WITHOUT_SIMD);
  const expected = manifestRowsText(base);
  console.log(`${level}, this thread alone, without SIMD: ${Math.round(plainMs)} ms, ${expected.length} rows`);
  const ways: readonly (readonly [words: string, nodeOptions?: readonly string[]])[] = [
    ["--workers 0"],
    ["--workers 1"],
    ["--workers 2"],
    ["--workers 8"],
    ["--workers auto"],
    ["--workers 2", WITHOUT_SIMD],
    ["--workers 2 --max-rate 2G --max-files 1000000"],
    [`--workers 2 --base ${base} --reread none`],
    [`--workers 2 --base ${base} --reread 1/2`],
    [`--workers 2 --base ${base} --reread all`],
  ];
  for (const [words, nodeOptions = []] of ways) {
    const ms = scan(output, ["--level", level, ...words.split(" ")], nodeOptions);
    assert.deepEqual(manifestRowsText(output), expected, words);
    console.log(
      `${level} ${[...nodeOptions, words.replace(base, "BASE")].join(" ")}: ${Math.round(ms)} ms, the same rows`,
    );
  }
}
