import assert from "node:assert/strict";
import { test } from "node:test";
import { commandLines } from "../../src/report/text/closing.ts";

test("commandLines() breaks between words only, so that a shell reads the same command", () => {
  const command = `spooldiff scan -o 'a b c' --host "mx \\" 1" --after mx2.db`;
  const lines = commandLines(command, 20);
  assert.ok(lines.length > 2);
  assert.equal(lines.map((line) => line.trim().replace(/ \\$/, "")).join(" "), command);
  for (const line of lines.slice(0, -1)) assert.match(line, / \\$/);
  assert.ok(lines.some((line) => line.includes("'a b c'")));
});

test("commandLines() never breaks a word, however long", () => {
  const path = `/srv/${"x".repeat(120)}.db`;
  assert.deepEqual(commandLines(`spooldiff inspect ${path}`, 76), ["spooldiff inspect \\", `  ${path}`]);
});
