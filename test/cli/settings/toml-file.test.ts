/** Errors of TOML files that people write: file, line and key, whatever way of writing they chose. */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, suite, test } from "node:test";
import fc from "fast-check";
import { parse, stringify } from "smol-toml";
import { describeFailure } from "../../../src/cli/failure.ts";
import { readIgnoreFile } from "../../../src/cli/settings/ignore-file.ts";
import { headerLines, type KeyPath, lineOf } from "../../../src/cli/settings/toml-lines.ts";
import { UsageError } from "../../../src/errors.ts";
import { variance } from "../../support/findings.ts";
import { assertPlain } from "../../support/refusal.ts";

const folder = mkdtempSync(join(tmpdir(), "spooldiff-toml-"));
after(() => rmSync(folder, { recursive: true, force: true }));

const NOW = Date.parse("2026-11-26T12:00:00Z");
const ENTRY = '[[accept]]\nclass = "acl-differs"\nreason = "known"\nexpires = 2027-03-31\n';

/** What is said of a file with this text; its name is FILE. */
function refusal(text: string | Uint8Array): string {
  const path = join(folder, "ignore.toml");
  writeFileSync(path, text);
  try {
    readIgnoreFile(path, NOW);
  } catch (error) {
    assert.ok(error instanceof UsageError, String(error));
    const said = describeFailure(error);
    assertPlain(said);
    return said.replaceAll(path, "FILE");
  }
  return "nothing";
}

suite("readIgnoreFile()", () => {
  const REFUSED: readonly (readonly [what: string, text: string, says: RegExp])[] = [
    [
      "a mistyped key",
      ENTRY.replace("reason", "raeson"),
      /"FILE" at line 3: accept\[1\]\.raeson: there is no such key\n {2}Did you mean reason/,
    ],
    [
      "a key that resembles none",
      `${ENTRY}colour = 3`,
      /at line 5: accept\[1\]\.colour: there is no such key\n {2}Known here are class, /,
    ],
    [
      "a mistyped table",
      ENTRY.replace("accept", "acept"),
      /at line 1: acept: there is no such key\n {2}Did you mean accept/,
    ],
    [
      "a missing reason",
      ENTRY.replace(/reason.*\n/, ""),
      /at line 1: accept\[1\]\.reason: it is missing\n {2}Allowed is a text that says why/,
    ],
    ["an empty reason", ENTRY.replace("known", "  "), /at line 3: accept\[1\]\.reason: it is " {2}"/],
    ["a missing day", `${ENTRY}${ENTRY.replace(/expires.*\n/, "")}`, /at line 5: accept\[2\]\.expires: it is missing/],
    [
      "a day that is none",
      ENTRY.replace("2027-03-31", '"2027-02-30"'),
      /at line 4: accept\[1\]\.expires: it is .*\n {2}Allowed is a day as in/,
    ],
    [
      "a time in place of a day",
      ENTRY.replace("2027-03-31", "2027-03-31T10:00:00Z"),
      /at line 4: accept\[1\]\.expires: /,
    ],
    [
      "an unknown class",
      ENTRY.replace("acl-differs", "acl-differ"),
      /at line 2: accept\[1\]\.class: "acl-differ" is no class of findings\n {2}Did you mean acl-differs/,
    ],
    ["a UID in quotes", `${ENTRY}uid = "7"`, /at line 5: accept\[1\]\.uid: it is "7"\n {2}Allowed is a UID/],
    ["a UID that none can have", `${ENTRY}uid = 0`, /at line 5: accept\[1\]\.uid: it is 0/],
    ["no list", 'accept = "all"', /at line 1: accept: it is "all"\n {2}Allowed is a list of tables/],
    [
      "an inline list",
      `accept = [\n  { class = "x", reason = "y", expires = 2027-01-01 },\n]`,
      /at line 3: accept\[1\]\.class: "x" is no class/,
    ],
    ["a line that is no TOML", `${ENTRY}what now`, /at line 5, column \d+: it is not TOML: /],
    ["a string without an end", `${ENTRY}mailbox = "user`, /at line 5, column \d+: it is not TOML: /],
    [
      "a key of JavaScript's own",
      `[__proto__]\nx = 1`,
      /at line 1, column 2: it is not TOML: document contains an unsafe property/,
    ],
    ["an empty file", "", /"FILE": accept: it is missing/],
    ["control characters in a key", `"\\u001b[2J" = 1`, /there is no such key/],
  ];
  for (const [what, text, says] of REFUSED) {
    test(`refuses ${what}`, () => assert.match(refusal(text), says));
  }

  test("refuses bytes that are no UTF-8, and says in which line", () => {
    assert.match(
      refusal(Buffer.concat([Buffer.from(ENTRY), Buffer.from([0x23, 0xff])])),
      /"FILE" at line 5: it is not UTF-8/,
    );
  });

  test("refuses a directory, a file that is not there and one that is too long, each with what to do", () => {
    assert.throws(() => readIgnoreFile(folder, NOW), /not a regular file/);
    assert.throws(() => readIgnoreFile(join(folder, "nowhere"), NOW), { name: "UsageError", message: /no such file/ });
    assert.match(refusal(Buffer.alloc((1 << 20) + 1, 0x20)), /too long for a file of accepted differences\n {2}Name/);
  });

  test("names the line of an entry in what it says of it, also after texts that look like one", () => {
    const path = join(folder, "lines.toml");
    writeFileSync(
      path,
      `# [[accept]]\n[[accept]] # first\nclass = "acl-differs"\nreason = "x"\nexpires = "2027-01-01"\n`,
    );
    const [note] = [...readIgnoreFile(path, NOW).notes()];
    assert.ok(note?.explain.includes(`accepted at ${path}, line 2 until 2027-01-01 (x)`), note?.explain);
    writeFileSync(path, `accept = [{class = "acl-differs", reason = "[[accept]]", expires = 2027-01-01}]`);
    const accepted = readIgnoreFile(path, NOW);
    assert.notEqual(accepted.of(variance({ class: "acl-differs", state: "diverged", rule: "values" })), null);
    assert.deepEqual([...accepted.notes()], []);
  });

  test("fails with a UsageError only, whatever the bytes are", () => {
    const path = join(folder, "random.toml");
    const bytes = fc.oneof(
      fc.uint8Array({ maxLength: 80 }),
      fc
        .array(
          fc.constantFrom(
            "[[accept]]",
            "class",
            "=",
            '"acl-differs"',
            "{",
            "}",
            "[",
            "]",
            "\n",
            "uid",
            "1",
            "'",
            "#",
            "expires",
            "2027-01-01",
          ),
        )
        .map((words) => Buffer.from(words.join(" "))),
    );
    fc.assert(
      fc.property(bytes, (given) => {
        writeFileSync(path, given);
        try {
          readIgnoreFile(path, NOW);
        } catch (error) {
          assert.ok(error instanceof UsageError, String(error));
        }
      }),
    );
  });
});

suite("lineOf()", () => {
  /** Every key of a table, from the top. */
  function paths(value: unknown, above: KeyPath = []): KeyPath[] {
    if (typeof value !== "object" || value === null) return [];
    return Object.entries(value).flatMap(([name, part]) => {
      const here = [...above, Array.isArray(value) ? Number(name) : name];
      return [here, ...paths(part, here)];
    });
  }

  function has(text: string, key: KeyPath): boolean {
    try {
      let value: unknown = parse(text);
      for (const part of key) value = (value as Record<string | number, unknown> | undefined)?.[part];
      return value !== undefined;
    } catch {
      return false;
    }
  }

  test("names the first line with which a key is there, of any file", () => {
    const scalar = fc.oneof(fc.integer({ min: -9, max: 9 }), fc.string({ maxLength: 5 }), fc.boolean());
    const key = fc.stringMatching(/^[a-z -]{1,4}$/);
    const table = fc.dictionary(key, fc.oneof(scalar, fc.array(scalar, { maxLength: 3 })), {
      maxKeys: 4,
      noNullPrototype: true,
    });
    const file = fc.dictionary(key, fc.oneof(scalar, table, fc.array(table, { minLength: 1, maxLength: 3 })), {
      maxKeys: 4,
      noNullPrototype: true,
    });
    fc.assert(
      fc.property(file, (value) => {
        const text = stringify(value);
        const lines = text.split("\n");
        for (const path of paths(parse(text))) {
          const line = lineOf(text, path);
          assert.ok(line !== null, path.join("."));
          assert.ok(has(lines.slice(0, line).join("\n"), path));
          assert.ok(
            !has(lines.slice(0, line - 1).join("\n"), path),
            `${path.join(".")} is there before line ${line}:\n${text}`,
          );
        }
      }),
      { numRuns: 60 },
    );
  });

  test("names the table where the key is not there, and nothing where that is not either", () => {
    assert.equal(lineOf("a = 1\n[b]\nc = 2\n", ["b", "d"]), 2);
    assert.equal(lineOf("a = 1\n", ["b", "d"]), null);
    assert.equal(lineOf("", ["b"]), null);
  });

  test("comes to an end soon on a list of many thousands of lines", () => {
    const text = `a = [\n${"1,\n".repeat(20_000)}]\nb = 2\n`;
    const begun = performance.now();
    lineOf(text, ["b"]);
    assert.ok(performance.now() - begun < 20_000);
  });
});

test("headerLines() names the headers of one list, and nothing else", () => {
  assert.deepEqual(headerLines("[[a]]\n[a]\n  [[ a ]] # x\n[[ab]]\n#[[a]]", "a"), [1, 3]);
});
