import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { CorruptStoreError } from "../../../src/errors.ts";
import {
  type DlistValue,
  dlistGet,
  dlistItem,
  isDlistList,
  isDlistMap,
  parseDlist,
} from "../../../src/store/cyrus/dlist.ts";

const parse = (text: string) => parseDlist(text, "/spool/cyrus.header");

describe("parseDlist()", () => {
  it("reads the values that Cyrus writes", () => {
    const value = parse('%(T el I abc P default A %(alice lrs "Team x" lr) U ($Forwarded NIL $Label1))\n');
    assert.ok(isDlistMap(value));
    assert.equal(dlistItem(value, "T"), "el");
    assert.deepEqual(dlistGet(value, "A"), {
      entries: [
        ["alice", "lrs"],
        ["Team x", "lr"],
      ],
    });
    assert.deepEqual(dlistGet(value, "U"), ["$Forwarded", null, "$Label1"]);
    assert.ok(isDlistList(dlistGet(value, "U")));
    assert.equal(dlistItem(value, "U"), null);
    assert.equal(dlistGet(value, "J"), undefined);
  });

  it("gives the parentheses that end an atom to the lists around it, and keeps others", () => {
    assert.deepEqual(parse("((a)b c))"), [["a)b", "c"]]);
  });

  it("reads quoted strings with escapes, and literals of any bytes", () => {
    assert.deepEqual(parse('("a \\"q\\" \\\\" {5+}\r\n) \n\xff" {0}\r\n "NIL")'), ['a "q" \\', ') \n\xff"', "", "NIL"]);
  });

  it("reads empty lists and maps, and finds the first of a repeated key", () => {
    assert.deepEqual(parse("(() %())"), [[], { entries: [] }]);
    const twice = parse("%(N a N b)");
    assert.ok(isDlistMap(twice));
    assert.equal(dlistItem(twice, "N"), "a");
  });

  for (const bad of [
    "(",
    "(a",
    "%(a",
    "%(a)",
    '"abc',
    '("a"b)',
    "{5}\r\nab",
    "{x}\r\n",
    "(a) b",
    "a b",
    "{9999999999}\n",
  ]) {
    it(`refuses ${JSON.stringify(bad)}`, () => {
      assert.throws(() => parse(bad), CorruptStoreError);
    });
  }

  it("bounds the depth of lists", () => {
    assert.throws(() => parse("(".repeat(100_000)), CorruptStoreError);
    assert.deepEqual(parse(`${"(".repeat(30)}${")".repeat(30)}`), JSON.parse(`${"[".repeat(30)}${"]".repeat(30)}`));
  });

  it("reads back every value, however its items are written", () => {
    const { value } = fc.letrec<{ value: DlistValue; item: string }>((tie) => ({
      item: fc.string({ unit: fc.integer({ min: 0, max: 255 }).map((c) => String.fromCharCode(c)) }),
      value: fc.oneof(
        { maxDepth: 4 },
        tie("item"),
        fc.constant(null),
        fc.array(tie("value"), { maxLength: 4 }),
        fc.array(fc.tuple(tie("item"), tie("value")), { maxLength: 4 }).map((entries) => ({ entries })),
      ),
    }));
    fc.assert(fc.property(value, fc.integer(), (v, seed) => assert.deepEqual(parse(print(v, seed)), v)));
  });

  it("fails only with CorruptStoreError, whatever the text", () => {
    const texts = fc.string({ unit: fc.constantFrom("(", ")", "%(", '"', "\\", "{3}\r\n", " ", "a", "NIL", "\xff") });
    fc.assert(
      fc.property(texts, (text) => {
        try {
          parse(text);
        } catch (error) {
          assert.ok(error instanceof CorruptStoreError, String(error));
        }
      }),
    );
  });
});

/** Writes `value` as a dlist, its items in one of the forms that can carry them, chosen by `seed`. */
function print(value: DlistValue, seed: number): string {
  if (value === null) return "NIL";
  if (isDlistMap(value))
    return `%(${value.entries.map(([k, v]) => `${item(k, seed)} ${print(v, seed + 1)}`).join(" ")})`;
  if (isDlistList(value)) return `(${value.map((v, i) => print(v, seed + i)).join(" ")})`;
  return item(value, seed);
}

function item(text: string, seed: number): string {
  const form = Math.abs(seed) % 3;
  if (form === 0 && /^[a-z0-9.]+$/i.test(text) && text !== "NIL") return text;
  if (form === 1) return `"${text.replace(/["\\]/g, "\\$&")}"`;
  return `{${text.length}${seed % 2 === 0 ? "+" : ""}}\r\n${text}`;
}
