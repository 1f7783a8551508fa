import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { terminalText } from "../../src/report/escape.ts";
import { cut, displayWidth, fold, pad, wrap } from "../../src/report/width.ts";

const safe = fc.string({ unit: "grapheme", maxLength: 200 }).map(terminalText);
const width = fc.integer({ min: 2, max: 80 });

test("displayWidth() counts wide characters twice and combining marks not at all", () => {
  assert.equal(displayWidth("abc"), 3);
  assert.equal(displayWidth("邮件"), 4);
  assert.equal(displayWidth("🫠"), 2);
  assert.equal(displayWidth("e\u0301"), 1);
});

test("cut() leaves room for the ellipsis", () => {
  assert.equal(cut("abcdef", 6), "abcdef");
  assert.equal(cut("abcdef", 5), "abcd…");
  assert.equal(cut("邮件邮件", 6), "邮件…");
});

test("fold() keeps every character, in lines that fit", () => {
  fc.assert(
    fc.property(safe, width, (text, columns) => {
      const lines = fold(text, columns);
      assert.equal(lines.join(""), text);
      for (const line of lines) assert.ok(displayWidth(line) <= columns);
    }),
  );
});

test("fold() cuts what needs more lines than allowed", () => {
  assert.deepEqual(fold("abcdefghij", 4, 2), ["abcd", "efg…"]);
});

test("wrap() keeps every word, in lines that fit", () => {
  assert.deepEqual(wrap("one two  three", 7), ["one two", "three"]);
  assert.deepEqual(wrap("a incomprehensible b", 8), ["a", "incompre", "hensible", "b"]);
  fc.assert(
    fc.property(safe, width, (text, columns) => {
      const lines = wrap(text, columns);
      assert.equal(lines.join("").replaceAll(" ", ""), text.replaceAll(" ", ""));
      for (const line of lines) assert.ok(displayWidth(line) <= columns);
    }),
  );
});

test("pad() fills up by columns, not by characters", () => {
  assert.equal(pad("邮", 4), "邮  ");
  assert.equal(pad("abcde", 4), "abcde");
});
