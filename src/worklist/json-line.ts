/** One JSON object a line, as `recheck.list`, `rescue.list` and `cannot-be-listed.json` hold them. */
import { type ByteString, displayName } from "../mail/name.ts";

/** The object as one line; what a terminal would obey or hide is a `\u…` escape, which parses to the same text. */
export function jsonLine(fields: Readonly<Record<string, unknown>>): string {
  const text = JSON.stringify(fields);
  return `${text.replace(/[\x7f-\x9f\u2028\u2029\p{Cf}\p{Co}]/gu, escaped)}\n`;
}

function escaped(character: string): string {
  const units = Array.from({ length: character.length }, (_, i) => character.charCodeAt(i));
  return units.map((unit) => `\\u${unit.toString(16).padStart(4, "0")}`).join("");
}

/** A name as text, and beside it as `…Bytes` in base64 where the text cannot give the bytes back. */
export function nameFields(field: string, name: ByteString | null | undefined): Record<string, unknown> {
  if (name === undefined) return {};
  if (name === null) return { [field]: null };
  const { text, base64 } = displayName(name);
  return base64 === null ? { [field]: text } : { [field]: text, [`${field}Bytes`]: base64 };
}
