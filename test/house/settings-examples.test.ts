/** The examples of TOML files in README and manual are files that the program takes. */
import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { manualPages } from "../../.build/man/pages.ts";
import { buildProgram } from "../../src/cli/program.ts";
import { applyConfiguration } from "../../src/cli/settings/configuration.ts";
import { readIgnoreFile } from "../../src/cli/settings/ignore-file.ts";

const folder = mkdtempSync(join(tmpdir(), "spooldiff-examples-"));
after(() => rmSync(folder, { recursive: true, force: true }));

const README = readFileSync(new URL("../../README.md", import.meta.url), "utf8");
const manual = [...manualPages().values()].join("");
const examples = [
  ...[...README.matchAll(/```toml\n([\s\S]*?)```/g)].map((match) => match[1] ?? ""),
  ...[...manual.matchAll(/^\.Bd -literal.*\n(\[[\s\S]*?)^\.Ed/gm)].map((match) => match[1] ?? ""),
];

test("README and manual have an example of each file", () => {
  const kinds = examples.map((text) => (text.startsWith("[[accept]]") ? "accepted differences" : "configuration"));
  assert.deepEqual(kinds.sort(), ["accepted differences", "accepted differences", "configuration", "configuration"]);
});

for (const [number, text] of examples.entries()) {
  test(`example ${number + 1} is taken: ${text.split("\n")[0]}`, async () => {
    const path = join(folder, `${number}.toml`);
    writeFileSync(path, text, { mode: 0o600 });
    if (text.startsWith("[[accept]]")) {
      assert.ok([...readIgnoreFile(path, Date.parse("2026-11-26")).notes()].length > 0);
      return;
    }
    const program = buildProgram(() => {});
    program.setOptionValue("config", path);
    const compare = program.commands.find((command) => command.name() === "compare");
    assert.ok(compare !== undefined);
    await applyConfiguration(program, compare);
    assert.equal(compare.opts().maxLag, 6 * 3600);
  });
}
