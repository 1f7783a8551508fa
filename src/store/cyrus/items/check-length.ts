import { CorruptStoreError } from "../../../errors.ts";
import type { ByteString } from "../../../mail/name.ts";

/** Many times as long as any name of a mailbox, a quota root or an annotation. */
const LONGEST_NAME = 16 * 1024;

/**
 * Refuses what cannot be a name: a manifest that held it would be of no use for anything else either.
 *
 * @throws {CorruptStoreError}
 */
export function checkLength(name: ByteString, path: ByteString): void {
  if (name.length > LONGEST_NAME) throw new CorruptStoreError(path, `a key of ${name.length} bytes is no name`);
}
