import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { byteString } from "../../src/mail/name.ts";
import { terminalName, terminalText } from "../../src/report/escape.ts";

const bytes = fc.uint8Array({ maxLength: 60 }).map((array) => Buffer.from(array).toString("latin1"));

test("terminalText() shows what a terminal would obey or hide", () => {
  assert.equal(terminalText("a\x1b[31mb\n\r\t\x00\x7f"), "a\\x1b[31mb\\n\\r\\t\\x00\\x7f");
  assert.equal(terminalText("\u009b31m"), "\\u{9b}31m");
  assert.equal(terminalText("\u202egnp.exe\u2066\u200b\u00ad"), "\\u{202e}gnp.exe\\u{2066}\\u{200b}\\u{ad}");
  assert.equal(terminalText("a\u00a0b\u2028\ufeff\ud800"), "a\\u{a0}b\\u{2028}\\u{feff}\\u{d800}");
});

test("terminalText() leaves readable text of any script alone", () => {
  for (const text of ["Entwürfe", "Étude e\u0301", "Входящие", "邮件", "דואר", "🫠", "\\Seen"]) {
    assert.equal(terminalText(text), text);
  }
});

test("terminalText() lets no pile of combining marks grow, nor one stand on nothing", () => {
  assert.equal(terminalText("\u0301a"), "\\u{301}a");
  assert.equal(terminalText(`a${"\u0301".repeat(6)}`), `a${"\u0301".repeat(4)}\\u{301}\\u{301}`);
});

test("terminalText() leaves its own output alone", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), (text) => {
      assert.equal(terminalText(terminalText(text)), terminalText(text));
    }),
  );
});

test("terminalName() shows bytes that are not UTF-8 one by one", () => {
  assert.equal(terminalName("caf\xe9"), "caf\\xe9");
  assert.equal(terminalName(`${byteString("café")}\xff\xc3`), "café\\xff\\xc3");
  assert.equal(terminalName("\xed\xa0\x80"), "\\xed\\xa0\\x80");
});

test("terminalName() of two names is never the same: the bytes can be had back", () => {
  assert.equal(terminalName(" a\\x1b "), "\\x20a\\\\x1b\\x20");
  const pieces = fc.constantFrom(
    "\x85",
    "\xc2\x85",
    "\\x85",
    "\\",
    "\n",
    " ",
    "\xe9",
    "\xc3\xa9",
    "\xcc\x81",
    "\xff",
    "a",
  );
  const names = fc.oneof(
    bytes,
    fc.array(pieces).map((parts) => parts.join("")),
  );
  fc.assert(
    fc.property(names, (name) => {
      assert.equal(bytesOf(terminalName(name)), name);
    }),
    { numRuns: 1000 },
  );
});

function bytesOf(shown: string): string {
  if (shown === "\\empty") return "";
  const utf8 = (text: string): string => Buffer.from(text).toString("latin1");
  const letters: Record<string, string> = { "\\\\": "\\", "\\n": "\n", "\\r": "\r", "\\t": "\t" };
  return shown.replace(/\\x([0-9a-f]{2})|\\u\{([0-9a-f]+)\}|\\[\\nrt]|[^\\]/gu, (whole, byte, code) => {
    if (byte !== undefined) return String.fromCharCode(Number.parseInt(byte, 16));
    if (code !== undefined) return utf8(String.fromCodePoint(Number.parseInt(code, 16)));
    return letters[whole] ?? utf8(whole);
  });
}

test("terminalName() of any bytes holds no control, format or separator character", () => {
  fc.assert(
    fc.property(bytes, (name) => {
      assert.doesNotMatch(terminalName(name), /[\p{C}\p{Zl}\p{Zp}]/u);
    }),
  );
});
