import { type ByteString, displayName } from "../mail/name.ts";

/**
 * What a terminal would obey, hide, or show as something else: control, format (bidi), private and unassigned
 * characters, separators, anything invisible, spaces that are not U+0020, a combining mark with nothing to stand on,
 * and piles of them.
 */
const UNSAFE = /[\p{C}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]|(?! )\p{Zs}|(?<![^ ])\p{M}|(?<=\p{M}{4})\p{M}/gu;

const PLAIN = /^[\x20-\x7e]*$/;

/** One well-formed UTF-8 character (RFC 3629 §4) in a byte string, or else a single byte. */
const UTF8_CHARACTER =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the ASCII range of the RFC's table
  /[\x00-\x7f]|[\xc2-\xdf][\x80-\xbf]|\xe0[\xa0-\xbf][\x80-\xbf]|[\xe1-\xec\xee\xef][\x80-\xbf]{2}|\xed[\x80-\x9f][\x80-\xbf]|\xf0[\x90-\xbf][\x80-\xbf]{2}|[\xf1-\xf3][\x80-\xbf]{3}|\xf4[\x80-\x8f][\x80-\xbf]{2}|[\x80-\uffff]/g;

/**
 * Makes any text safe to print on a terminal, on one line: what is in {@link UNSAFE} appears as `\n`, `\x1b` or
 * `\u{202e}`. Text that is safe already, escaped text among it, comes back unchanged.
 */
export function terminalText(text: string): string {
  return PLAIN.test(text) ? text : text.replace(UNSAFE, escapeCharacter);
}

/**
 * Makes a name or path of a mail store safe to print, so that no two names look alike: as {@link terminalText}, and
 * backslashes are doubled, bytes that are not UTF-8 appear as `\xe9`, spaces at either end as `\x20`,
 * no name at all as `\empty`.
 */
export function terminalName(name: ByteString): string {
  if (name === "") return "\\empty";
  const { text, base64 } = displayName(name);
  const decoded = base64 === null ? text.replaceAll("\\", "\\\\") : name.replace(UTF8_CHARACTER, decodeCharacter);
  return terminalText(decoded.replace(/^ | $/g, "\\x20"));
}

function decodeCharacter(bytes: ByteString): string {
  if (bytes === "\\") return "\\\\";
  if (bytes.length === 1 && bytes > "\x7f") return `\\x${bytes.charCodeAt(0).toString(16)}`;
  return Buffer.from(bytes, "latin1").toString("utf8");
}

/** `\x…` from 80 on is a byte that is not UTF-8, never a character. */
function escapeCharacter(character: string): string {
  if (character === "\n") return "\\n";
  if (character === "\r") return "\\r";
  if (character === "\t") return "\\t";
  const code = character.codePointAt(0) ?? 0;
  return code < 0x80 ? `\\x${code.toString(16).padStart(2, "0")}` : `\\u{${code.toString(16)}}`;
}
