/** What a comparison tells the history beside its findings: how far each side and each user had come. */

import type { LagTally } from "../compare/lag.ts";
import type { Summary } from "../compare/variance.ts";
import type { ComparisonCoverage, Measures, SideCoverage } from "../history/records.ts";
import { type ByteString, isDeletedName, ownerOf } from "../mail/name.ts";
import type { ScanFacts } from "../mail/scan-facts.ts";
import type { StoredManifestPair } from "../manifest/pair.ts";
import type { StoredManifestView } from "../manifest/view.ts";

/** The mailboxes of one user on one side. */
interface Progress {
  mailboxes: number;
  modseq: bigint | null;
}

/**
 * Sums of HIGHESTMODSEQs by user, each side's own: all of its mailboxes count, also those that the other side lacks, so
 * that the replica's sum changes only when something changes on the replica. Deleted mailboxes expire on each host by
 * its own schedule and are left out.
 */
export function measuresOf(pair: StoredManifestPair, lag: LagTally, inScope: (name: ByteString) => boolean): Measures {
  const primary = progressOf(pair.primary, inScope);
  const replica = progressOf(pair.replica, inScope);
  const owners = new Set([...primary.keys(), ...replica.keys(), ...lag.users.keys()]);
  return {
    users: [...owners].map((owner) => {
      const behind = lag.users.get(owner);
      return {
        owner,
        mailboxes: primary.get(owner)?.mailboxes ?? 0,
        primaryModseq: primary.get(owner)?.modseq ?? null,
        replicaModseq: replica.get(owner)?.modseq ?? null,
        lagMessages: behind?.messages ?? 0,
        lagBytes: Number(behind?.bytes ?? 0n),
        lagSeconds: behind?.oldestSeconds ?? null,
      };
    }),
    lagMedian: lag.quantile(0.5),
    lagP95: lag.quantile(0.95),
  };
}

/** What a comparison had looked at: mailboxes with their messages, and the bytes behind them on each side. */
export function coverageOf({ counts }: Summary, { primary, replica }: StoredManifestPair): ComparisonCoverage {
  return {
    mailboxes: counts.mailboxes.compared,
    mailboxesUnchecked: counts.mailboxes.notChecked,
    messages: counts.messages.compared,
    primary: bytesOf(primary.facts),
    replica: bytesOf(replica.facts),
  };
}

function bytesOf({ messageBytes, bytesRead, bytesCarried, oldestCarriedAtMs }: ScanFacts): SideCoverage {
  // Beyond what the state file can hold exactly, the most that it can.
  const exact = (bytes: bigint | number) => Math.min(Number(bytes), Number.MAX_SAFE_INTEGER);
  return {
    bytes: exact(messageBytes),
    read: exact(bytesRead),
    carried: exact(bytesCarried),
    oldestMs: oldestCarriedAtMs,
  };
}

function progressOf(view: StoredManifestView, inScope: (name: ByteString) => boolean): Map<ByteString, Progress> {
  const users = new Map<ByteString, Progress>();
  for (const { name, highestModseq } of view.listedModseqs()) {
    if (isDeletedName(name) || !inScope(name)) continue;
    const owner = ownerOf(name) ?? "";
    const user = users.get(owner) ?? { mailboxes: 0, modseq: null };
    users.set(owner, user);
    user.mailboxes++;
    if (highestModseq !== null) user.modseq = (user.modseq ?? 0n) + highestModseq;
  }
  return users;
}
