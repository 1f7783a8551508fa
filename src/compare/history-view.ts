import type { ByteString } from "../mail/name.ts";
import type { Thing } from "../mail/thing.ts";
import type { Sighting } from "./judge/earlier.ts";

/** What earlier comparisons of the same two hosts have seen. */
export interface HistoryView {
  /** Where an unbroken row of comparisons up to the last one has seen this thing with just these values. */
  sightingOf(thing: Thing, values: Uint8Array): Sighting | null;
}

/** An open finding of an earlier comparison that the present one has not made. */
export interface EarlierFinding {
  readonly thing: Thing;
  /** Name of its mailbox when it was last seen. */
  readonly name: ByteString | null;
  readonly class: string;
  /** Level of the comparison that saw it last. */
  readonly level: string;
  /** The lower one of the two index versions then. */
  readonly indexVersion: number | null;
}
