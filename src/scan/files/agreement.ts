import { namesFile } from "../../mail/guid.ts";
import { GUID_AT, SHA1_AT } from "../../mail/packed-columns.ts";
import { CONTENT_BYTES, CORE_BYTES, fileFacts, unpackContent } from "../../mail/packed-messages.ts";
import type { LiveRecords } from "../../store/mail-store.ts";

/** Where a packed record has its presence byte. */
const PRESENCE_AT = 4;
const [HAS_GUID, GUID_IS_UUID, HAS_SHA1] = [2, 4, 4] as const;
const SHA1_BYTES = 20;

/**
 * False if what was read of a file proves that it is not the message that the record in the same row describes; as
 * {@link namesFile}, without an object for each file.
 *
 * @param core a view of the packed group of `live`
 * @param content rows of the packed group
 */
export function agreesWithIndex(
  live: LiveRecords,
  core: DataView,
  content: DataView<ArrayBuffer>,
  row: number,
): boolean {
  const record = row * CORE_BYTES;
  const reading = row * CONTENT_BYTES;
  const presence = core.getUint8(record + PRESENCE_AT);
  if ((presence & HAS_GUID) === 0 || (content.getUint8(reading + 1) & HAS_SHA1) === 0) return true;
  if ((presence & GUID_IS_UUID) !== 0) {
    const bytes = new Uint8Array(content.buffer, content.byteOffset, content.byteLength);
    return namesFile(fileFacts(live, row).guid, unpackContent(bytes, row)) !== false;
  }
  for (let i = 0; i < SHA1_BYTES; i += 4) {
    if (core.getUint32(record + GUID_AT + i) !== content.getUint32(reading + SHA1_AT + i)) return false;
  }
  return true;
}
