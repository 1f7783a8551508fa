import { transferListOfKnown } from "../../mail/known-files.ts";
import type { ScanBase } from "../scan-options.ts";
import type { ScanItem } from "../scan-task.ts";

/** The items with what `base` knows of their files, asked for only now: it is much, and once it is posted it is gone. */
export function withKnown(items: readonly ScanItem[], base: ScanBase | undefined): readonly ScanItem[] {
  if (base === undefined) return items;
  return items.map((item) => {
    // What the list does not know has no partition that could be the same.
    if (!item.listed) return item;
    const { name, uniqueId, listing } = item.ref;
    const known = base.filesOf({ name, uniqueId, partition: listing.partition });
    return known === null ? item : { ...item, known };
  });
}

/** The buffers to hand over with items that are posted to another thread. */
export function knownBuffers(items: readonly ScanItem[]): ArrayBuffer[] {
  return items.flatMap(({ known }) => (known === undefined ? [] : transferListOfKnown(known)));
}
