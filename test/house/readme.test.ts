/** What the README shows as output is what the program prints, times and names of temporary folders apart. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { EXIT_CODE_MEANINGS } from "../../src/errors.ts";

const README = readFileSync(new URL("../../README.md", import.meta.url), "utf8");
const PROGRAM = fileURLToPath(new URL("../../dist/cli/spooldiff.cjs", import.meta.url));

/** Blanks out what differs from run to run. Lines may break elsewhere for that: words are compared, not lines. */
function words(text: string): string {
  return text
    .replace(/\s+/g, " ")
    .replace(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, "TIME")
    .replace(/behind by (\d+ \w+ ?)+/g, "behind by AGE ")
    .replace(/; \d+ s apart/g, "; AGE apart")
    .replace(/spooldiff-demo-\w{6}/g, "spooldiff-demo-XXXXXX");
}

test("README shows what spooldiff demo prints", () => {
  const example = /<!-- This is what `spooldiff demo` prints[^>]*-->\n```\n([^`]*)\n```/.exec(README)?.[1];
  assert(example !== undefined, "the README has the example");
  const { status, stdout, stderr } = spawnSync(process.execPath, [PROGRAM, "demo"], {
    encoding: "utf8",
    env: { ...process.env, TMPDIR: "/tmp", NO_COLOR: "1" },
  });
  assert.equal(status, 0, stderr);
  const printed = words(stdout);
  let from = 0;
  for (const piece of example.split("[…]")) {
    const at = printed.indexOf(words(piece).trim(), from);
    assert(at >= 0, `not printed, or not in this order:\n${piece}\n--- printed:\n${stdout}`);
    from = at;
  }
});

test("README names every exit code", () => {
  for (const [code] of EXIT_CODE_MEANINGS) assert.match(README, new RegExp(`^\\| ${code} \\| `, "m"));
});
