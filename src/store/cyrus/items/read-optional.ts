import { ConfigurationError, CorruptStoreError, errnoOf } from "../../../errors.ts";
import type { ReadProblem } from "../../../mail/mailbox.ts";
import type { ByteString } from "../../../mail/name.ts";
import type { DatabaseSnapshot } from "../cyrusdb/read-database.ts";

/** What became of a file that need not be there. */
export type Optional<T> =
  | { readonly status: "read"; readonly value: T }
  | { readonly status: "absent" }
  | { readonly status: "unread"; readonly problem: ReadProblem };

/** Reads and decodes a database that need not be there. */
export async function readOptional<T>(
  path: ByteString,
  read: (path: ByteString) => DatabaseSnapshot | Promise<DatabaseSnapshot>,
  decode: (snapshot: DatabaseSnapshot) => T,
): Promise<Optional<T>> {
  try {
    return { status: "read", value: decode(await read(path)) };
  } catch (error) {
    return failureOf(error, path);
  }
}

/** What `decode` gives, or why what was read from `path` cannot be decoded. */
export function decoded<T>(decode: () => T, path: ByteString): Optional<T> {
  try {
    return { status: "read", value: decode() };
  } catch (error) {
    return failureOf(error, path);
  }
}

/** What a failure to read `path` means. Throws on what is none. */
export function failureOf(error: unknown, path: ByteString): Exclude<Optional<never>, { status: "read" }> {
  const errno = errnoOf(error) ?? (error instanceof ConfigurationError ? errnoOf(error.cause) : null);
  if (errno === "ENOENT" || errno === "ENOTDIR") return { status: "absent" };
  if (error instanceof CorruptStoreError) return { status: "unread", problem: itemsProblem(path, null, error.found) };
  if (error instanceof ConfigurationError) {
    const found = errno === null ? error.message.replace(/^Cannot read ".*?": /s, "") : refused(errno);
    return { status: "unread", problem: itemsProblem(path, errno, found) };
  }
  if (errno === null) throw error;
  return { status: "unread", problem: itemsProblem(path, errno, refused(errno)) };
}

/** Says that items could not be read from `path`. */
export function itemsProblem(path: ByteString, errno: string | null, found: string): ReadProblem {
  return { what: "items", path, uid: null, errno, found };
}

function refused(errno: string): string {
  return `the system refuses it (${errno})`;
}
