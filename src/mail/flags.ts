import type { ByteString } from "./name.ts";

/** Bit of each system flag in a Cyrus index record, with its name as IMAP spells it. */
export const SYSTEM_FLAGS: readonly (readonly [number, string])[] = [
  [0x01, "\\Answered"],
  [0x02, "\\Flagged"],
  [0x04, "\\Deleted"],
  [0x08, "\\Draft"],
  [0x10, "\\Seen"],
];

/**
 * The canonical text of a set of flags: names in lower case (ASCII), each once, in byte order, separated by one space.
 * Equal sets give equal texts; flags are compared in no other form. What an atom cannot hold (space, control, `%`) is
 * written `%XX`, so that a damaged flag list cannot make two sets look alike.
 */
export function canonicalFlags(names: Iterable<ByteString>): ByteString {
  return joinFlags(Array.from(names, canonicalFlag));
}

/** The canonical text of flags that each are as {@link canonicalFlag} gives them. */
export function joinFlags(flags: Iterable<ByteString>): ByteString {
  return [...new Set(flags)].sort().join(" ");
}

/** One flag as the canonical text has it. */
export function canonicalFlag(name: ByteString): ByteString {
  return escapeFlag(lowerAscii(name));
}

/** The names in a canonical text. */
export function flagNames(canonical: ByteString): ByteString[] {
  return canonical === "" ? [] : canonical.split(" ");
}

/** Lower-cases A–Z only, as Cyrus does: flag names and rights are ASCII, whatever the locale. */
export function lowerAscii(text: ByteString): ByteString {
  return /[A-Z]/.test(text) ? text.replace(/[A-Z]+/g, (run) => run.toLowerCase()) : text;
}

function escapeFlag(name: ByteString): ByteString {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what must be escaped
  return name.replace(/[\x00-\x20%\x7f]/g, (c) => `%${c.charCodeAt(0).toString(16).padStart(2, "0")}`);
}
