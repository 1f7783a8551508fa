/** Comparisons that are recorded in a state file with no manifest behind them. */
import { PairHistory } from "../../src/history/pair-history.ts";
import type { ComparisonCoverage, CountedPair, Outcome, SeenFinding } from "../../src/history/records.ts";

const NOTHING_READ = { bytes: 0, read: 0, carried: 0, oldestMs: null };

export const NOTHING_COVERED: ComparisonCoverage = {
  ...{ mailboxes: 0, mailboxesUnchecked: 0, messages: 0 },
  ...{ primary: NOTHING_READ, replica: NOTHING_READ },
};

/** What a comparison came to, for tests that look at its findings only. */
export const OUTCOME: Outcome = {
  ...{ comparedAtMs: 0, level: "full", narrowed: [], verdict: "diverged", exitCode: 1, complete: true, counts: {} },
  coverage: NOTHING_COVERED,
};

/** The comparison number `n` of a pair. */
export function pairAt(n: number): CountedPair {
  const scan = (host: string, instance: string) => ({
    ...{ id: `${host}-${n}`, host, instance: instance.repeat(64) },
    ...{ startedAtMs: n * 1000, finishedAtMs: n * 1000 + 500 },
  });
  return { primary: scan("mx1", "a"), replica: scan("mx2", "b"), secondLook: false };
}

/** A message that is lost for good. */
export function finding(uid: number): SeenFinding {
  return {
    thing: { kind: "message", mailbox: "user.alice", uid, owner: "", key: "" },
    ...{ name: "user.alice", class: "message-missing", state: "diverged", side: "replica", cause: null },
    ...{ rule: "uid-lost", indexVersion: 17, values: Buffer.alloc(16, uid) },
  };
}

/** Records comparison `n` with these findings. */
export function record(path: string, n: number, uids: readonly number[]): void {
  const history = PairHistory.open(path, pairAt(n));
  history.record(uids.map(finding), OUTCOME, () => true);
  history.close();
}
