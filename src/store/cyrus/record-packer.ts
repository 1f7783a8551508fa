import { CORE_BYTES, EXT_BYTES, type PackedRecords } from "../../mail/packed-messages.ts";
import type { LiveRecords } from "../mail-store.ts";
import type { FlagSet } from "./flag-sets.ts";
import type { IndexFile } from "./index-file.ts";
import { isNullGuid, RECORD_ARCHIVED } from "./index-file.ts";

/** What the pass over an index has read of a live record already. Times in seconds. */
export interface RecordFields {
  /** Where the record begins, in the file. */
  readonly at: number;
  readonly uid: number;
  /** The flag word. */
  readonly bits: number;
  readonly flags: FlagSet;
  readonly internalDate: number;
  readonly lastUpdated: number;
  readonly saveDate: number;
}

/** Turns live records into the packed form of `mail/packed-messages.ts`, without an object for each. */
export class RecordPacker {
  readonly #index: IndexFile;
  readonly #core: Uint8Array;
  readonly #coreView: DataView;
  readonly #ext: Uint8Array;
  readonly #extView: DataView;
  readonly #archived: Uint8Array;
  readonly #presence: { readonly core: number; readonly ext: number };
  readonly #numberOfSet = new Map<FlagSet, number>();
  readonly #numberOfText = new Map<string, number>();
  #count = 0;

  constructor(index: IndexFile) {
    this.#index = index;
    this.#core = new Uint8Array(index.recordCount * CORE_BYTES);
    this.#coreView = new DataView(this.#core.buffer);
    this.#ext = new Uint8Array(index.recordCount * EXT_BYTES);
    this.#extView = new DataView(this.#ext.buffer);
    this.#archived = new Uint8Array(index.recordCount);
    const { modseq, saveDate, createdModseq, cid, baseCid } = index.layout.record;
    const bit = (offset: number | null, mask: number) => (offset === null ? 0 : mask);
    this.#presence = {
      core: bit(modseq, 1),
      ext: bit(saveDate, 1) | bit(createdModseq, 2) | bit(cid, 4) | bit(baseCid, 8),
    };
  }

  add(fields: RecordFields): void {
    const row = this.#count++;
    this.#putCore(row * CORE_BYTES, fields);
    this.#putExt(row * EXT_BYTES, fields);
    if (fields.bits & RECORD_ARCHIVED) this.#archived[row] = 1;
  }

  finish(): LiveRecords {
    const packed: PackedRecords = {
      count: this.#count,
      core: this.#core.subarray(0, this.#count * CORE_BYTES),
      ext: this.#ext.subarray(0, this.#count * EXT_BYTES),
      flagTexts: [...this.#numberOfText.keys()],
    };
    return { ...packed, archived: this.#archived.subarray(0, this.#count) };
  }

  #putCore(to: number, { at, uid, flags, internalDate, lastUpdated }: RecordFields): void {
    const { layout, view } = this.#index;
    const { record, guidBytes } = layout;
    const out = this.#coreView;
    out.setUint32(to, uid, true);
    out.setUint32(to + 5, this.#flagNumber(flags), true);
    out.setUint32(to + 9, view.getUint32(at + record.size + (layout.wide ? 4 : 0)), true);
    if (layout.wide) out.setUint32(to + 13, view.getUint32(at + record.size), true);
    putSeconds(out, to + 17, internalDate);
    putSeconds(out, to + 25, lastUpdated);
    if (record.modseq !== null) reverse(view, at + record.modseq, out, to + 33);
    let presence = this.#presence.core;
    if (record.guid !== null && !isNullGuid(this.#index, at + record.guid)) {
      presence |= guidBytes === 12 ? 6 : 2;
      for (let i = 0; i < guidBytes; i += 4) out.setUint32(to + 41 + i, view.getUint32(at + record.guid + i));
    }
    out.setUint8(to + 4, presence);
  }

  #putExt(to: number, { at, saveDate }: RecordFields): void {
    const { layout, view } = this.#index;
    const { record } = layout;
    const out = this.#extView;
    out.setUint8(to, this.#presence.ext);
    if (record.saveDate !== null) putSeconds(out, to + 1, saveDate);
    if (record.createdModseq !== null) reverse(view, at + record.createdModseq, out, to + 9);
    if (record.cid !== null) copy(view, at + record.cid, out, to + 17);
    if (record.baseCid !== null) copy(view, at + record.baseCid, out, to + 25);
  }

  #flagNumber(set: FlagSet): number {
    const known = this.#numberOfSet.get(set);
    if (known !== undefined) return known;
    // Sets that were forgotten and named again are other objects.
    const number = this.#numberOfText.get(set.text) ?? this.#numberOfText.size;
    this.#numberOfText.set(set.text, number);
    this.#numberOfSet.set(set, number);
    return number;
  }
}

/** Seconds as a signed 64-bit integer, little-endian. */
function putSeconds(out: DataView, to: number, seconds: number): void {
  out.setUint32(to, seconds % 0x1_0000_0000, true);
  if (seconds >= 0x1_0000_0000) out.setUint32(to + 4, Math.floor(seconds / 0x1_0000_0000), true);
}

/** Eight bytes of a big-endian number as a little-endian one. */
function reverse(from: DataView, at: number, out: DataView, to: number): void {
  out.setUint32(to, from.getUint32(at + 4), true);
  out.setUint32(to + 4, from.getUint32(at), true);
}

function copy(from: DataView, at: number, out: DataView, to: number): void {
  out.setUint32(to, from.getUint32(at));
  out.setUint32(to + 4, from.getUint32(at + 4));
}
