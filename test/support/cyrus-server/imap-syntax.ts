/** The parts of IMAP's grammar (RFC 9051 §4) that the tests speak. Bytes are strings of one character each. */

/** A value of a response: an atom or string as text, a parenthesised list as an array, NIL as null. */
export type ImapValue = string | null | readonly ImapValue[];

/** Parses the values of one response line, literals included: `FLAGS (\Seen) RFC822.SIZE 12`. */
export function parseValues(text: string): readonly ImapValue[] {
  const { values, next } = parseList(text, 0);
  if (next < text.length) throw new SyntaxError(`Cannot parse "${text}": unexpected ")" at ${next}`);
  return values;
}

/** A list of names and values, as FETCH and STATUS give them, by name in capitals. */
export function pairsOf(value: ImapValue | undefined): ReadonlyMap<string, ImapValue> {
  if (!Array.isArray(value)) throw new SyntaxError("Expected a parenthesised list");
  const pairs = new Map<string, ImapValue>();
  for (let at = 0; at + 1 < value.length; at += 2) pairs.set(String(value[at]).toUpperCase(), value[at + 1]);
  return pairs;
}

/** A quoted string. */
export function quoted(text: string): string {
  return `"${text.replaceAll(/[\\"]/g, "\\$&")}"`;
}

/** A mailbox name in modified UTF-7 (RFC 3501 §5.1.3), which is also how Cyrus keeps names on disk. */
export function modifiedUtf7(name: string): string {
  return name.replaceAll("&", "&-").replaceAll(/[^\x20-\x7e]+/g, (run) => {
    const base64 = Buffer.from(run, "utf16le").swap16().toString("base64");
    return `&${base64.replaceAll("=", "").replaceAll("/", ",")}-`;
  });
}

/** `date-time` of RFC 9051: ` 1-Jan-2020 00:00:00 +0000`. */
export function dateTime(seconds: number): string {
  // "Wed, 01 Jan 2020 00:00:00 GMT"
  const [, day = "", month, year, time] = new Date(seconds * 1000).toUTCString().split(" ");
  return `${day.replace(/^0/, " ")}-${month}-${year} ${time} +0000`;
}

/** The seconds since 1970 of a `date-time`. */
export function secondsOf(text: string): number {
  const milliseconds = Date.parse(text.trim().replaceAll(/(?<=^\d+)-|-(?=\d{4} )/g, " "));
  if (Number.isNaN(milliseconds)) throw new SyntaxError(`Cannot parse the date-time "${text}"`);
  return milliseconds / 1000;
}

function parseList(text: string, from: number): { values: ImapValue[]; next: number } {
  const values: ImapValue[] = [];
  let at = from;
  while (at < text.length && text[at] !== ")") {
    if (text[at] === " ") {
      at++;
    } else {
      const { value, next } = parseValue(text, at);
      values.push(value);
      at = next;
    }
  }
  return { values, next: at };
}

function parseValue(text: string, at: number): { value: ImapValue; next: number } {
  if (text[at] === "(") {
    const { values, next } = parseList(text, at + 1);
    if (text[next] !== ")") throw new SyntaxError(`Cannot parse "${text}": a list does not end`);
    return { value: values, next: next + 1 };
  }
  const rest = text.slice(at);
  const literal = /^\{(\d+)\}\r\n/.exec(rest);
  if (literal !== null) {
    const start = at + literal[0].length;
    const end = start + Number(literal[1]);
    return { value: text.slice(start, end), next: end };
  }
  const string = /^"((?:[^"\\]|\\.)*)"/.exec(rest);
  if (string !== null) {
    return { value: (string[1] ?? "").replaceAll(/\\(.)/g, "$1"), next: at + string[0].length };
  }
  const atom = /^[^ ()]+/.exec(rest);
  if (atom === null) throw new SyntaxError(`Cannot parse "${text}": nothing known at ${at}`);
  return { value: atom[0].toUpperCase() === "NIL" ? null : atom[0], next: at + atom[0].length };
}
