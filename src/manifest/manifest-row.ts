/** The one row that says what a manifest is: who scanned what, when, and how much it was. */

import { CANON, type Value } from "../mail/canonical-digest.ts";
import type { Level } from "../mail/message.ts";
import { FORMAT } from "./format.ts";
import { storable } from "./mailbox-row.ts";

/** What the manifest says of the scan itself. Times in milliseconds since 1970. */
export interface ManifestIdentity {
  readonly id: string;
  readonly host: string;
  readonly instance: string;
  readonly role: "primary" | "replica" | null;
  readonly store: string;
  readonly tool: string;
  readonly level: Level;
  readonly narrowed: boolean;
  /** Plain values only; no secrets. */
  readonly options: Readonly<Record<string, unknown>>;
  readonly afterId: string | null;
  /** The manifest that digests were carried over from; absent: everything was read. */
  readonly base?: string;
}

/** When the scan read what. */
export interface ManifestTimes {
  readonly startedAtMs: number;
  readonly listReadAtMs: number;
  /** Null: they were not read. */
  readonly itemsReadAtMs: number | null;
  readonly finishedAtMs: number;
}

/** What was written, for the closing line of `scan`. */
export interface ManifestTotals {
  readonly mailboxes: number;
  readonly messages: number;
  readonly messageBytes: bigint;
  readonly bytesRead: bigint;
  /** Message bytes whose digests an older manifest gave, and when the oldest of them were read, in ms since 1970. */
  readonly bytesCarried: bigint;
  readonly oldestCarriedAtMs: number | null;
}

/** The values of `manifest` up to its root. */
export function manifestValues(identity: ManifestIdentity, times: ManifestTimes, totals: ManifestTotals): Value[] {
  return [
    identity.id,
    identity.host,
    identity.instance,
    identity.role,
    identity.store,
    identity.tool,
    FORMAT,
    CANON,
    identity.level,
    identity.narrowed ? "narrowed" : "complete",
    JSON.stringify(identity.base === undefined ? identity.options : { ...identity.options, base: identity.base }),
    identity.afterId,
    times.startedAtMs,
    times.listReadAtMs,
    times.itemsReadAtMs,
    times.finishedAtMs,
    totals.mailboxes,
    totals.messages,
    storable(totals.messageBytes),
    totals.bytesRead,
    storable(totals.bytesCarried),
    totals.oldestCarriedAtMs,
  ];
}
