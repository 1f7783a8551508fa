import type { KnownFiles } from "../../mail/known-files.ts";
import { INODE_AT } from "../../mail/packed-columns.ts";
import { CORE_BYTES, type PackedRecords, STAT_BYTES } from "../../mail/packed-messages.ts";

/**
 * In which order the files of live records are looked at: first those that need not be read, then, by their inodes, those
 * whose bytes have to be read again. File systems that lay out files as they lay out inodes (ext2 to ext4, XFS) have them
 * in about this order on the disk, while the files of a mailbox that has grown over years are scattered over it.
 *
 * @returns numbers of rows; null where none of the files is to be read again: the order of the records is as good
 */
export function readingOrder({ count, core }: PackedRecords, known: KnownFiles): Uint32Array | null {
  const { uids, stat, due } = known;
  if (!due.includes(1)) return null;
  const records = viewOf(core);
  const stats = viewOf(stat);
  const order = new Uint32Array(count);
  const again: { readonly row: number; readonly inode: bigint }[] = [];
  let placed = 0;
  for (let row = 0, at = 0; row < count; row++) {
    const uid = records.getUint32(row * CORE_BYTES, true);
    while ((uids[at] ?? Number.POSITIVE_INFINITY) < uid) at++;
    if (uids[at] === uid && due[at] === 1) again.push({ row, inode: stats.getBigUint64(at * STAT_BYTES + INODE_AT) });
    else order[placed++] = row;
  }
  again.sort((a, b) => (a.inode < b.inode ? -1 : 1));
  for (const { row } of again) order[placed++] = row;
  return order;
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
