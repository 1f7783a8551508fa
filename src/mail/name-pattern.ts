import { type ByteString, byteString } from "./name.ts";

/**
 * A predicate for `--include` and `--exclude`: a name is in scope when some include matches (or there is none) and no
 * exclude does. `*` stands for any run of bytes, also across hierarchy levels, `?` for one byte; nothing else is
 * special, since brackets, braces and carets are ordinary in mailbox names.
 */
export function nameFilter(include: readonly string[], exclude: readonly string[]): (name: ByteString) => boolean {
  const included = include.map(patternOf);
  const excluded = exclude.map(patternOf);
  return (name) =>
    (included.length === 0 || included.some((pattern) => pattern.test(name))) &&
    !excluded.some((pattern) => pattern.test(name));
}

function patternOf(glob: string): RegExp {
  const source = byteString(glob)
    .replace(/[.+^${}()|[\]\\]/g, "\\$&")
    .replaceAll("*", "[^]*")
    .replaceAll("?", "[^]");
  return new RegExp(`^${source}$`);
}
