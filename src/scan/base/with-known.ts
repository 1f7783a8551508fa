import { type BaseRows, knownFilesOf } from "../../mail/base-rows.ts";
import { transferListOfKnown } from "../../mail/known-files.ts";
import type { ScanBase } from "../scan-options.ts";
import type { ScanItem } from "../scan-task.ts";

/** The items with what `base` has of their files, asked for only now: it is much, and once it is posted it is gone. */
export function withBase(items: readonly ScanItem[], base: ScanBase | undefined): readonly ScanItem[] {
  if (base === undefined) return items;
  return items.map((item) => {
    // What the list does not know has no partition that could be the same.
    if (!item.listed) return item;
    const { name, uniqueId, listing } = item.ref;
    const rows = base.rowsOf({ name, uniqueId, partition: listing.partition });
    return rows === null ? item : { ...item, base: rows };
  });
}

/** The item with what is known of its files taken out of its base; and whether that was not what had been sealed. */
export function withKnown(item: ScanItem): { readonly item: ScanItem; readonly unsound: boolean } {
  const { base, ...rest } = item;
  if (base === undefined) return { item, unsound: false };
  const known = knownFilesOf(base);
  if (known === null) return { item: rest, unsound: true };
  return { item: known.uids.length === 0 ? rest : { ...rest, known }, unsound: false };
}

/** The buffers to hand over with items that are posted to another thread. */
export function knownBuffers(items: readonly ScanItem[]): ArrayBuffer[] {
  return items.flatMap(({ base, known }) => [
    ...(base === undefined ? [] : buffersOf(base)),
    ...(known === undefined ? [] : transferListOfKnown(known)),
  ]);
}

/** Only of bytes that have a buffer of their own: what else there is in one would be gone. */
function buffersOf({ content, stat }: BaseRows): ArrayBuffer[] {
  return [content, stat].filter((bytes) => bytes.byteLength === bytes.buffer.byteLength).map((bytes) => bytes.buffer);
}
