import type { ByteString } from "../mail/name.ts";

/**
 * One line of a list for `md5sum -c`, as bytes: digest, two spaces, path. A path with a backslash, newline or carriage
 * return is escaped and the line begins with a backslash, as GNU coreutils 9 writes and reads it.
 */
export function md5sumLine(md5: Uint8Array, path: ByteString): Uint8Array {
  const escaped = path.replaceAll("\\", "\\\\").replaceAll("\n", "\\n").replaceAll("\r", "\\r");
  const mark = escaped === path ? "" : "\\";
  return Buffer.from(`${mark}${Buffer.from(md5).toString("hex")}  ${escaped}\n`, "latin1");
}
