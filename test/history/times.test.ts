/** What has no time of its own gets one by that it was seen before; design §3.3 rule 4 and §3.4. */
import assert from "node:assert/strict";
import { suite, test } from "node:test";
import {
  type ModelItems,
  mailboxOf,
  modelMailbox,
  modelMessage,
  type PairModel,
  pairOf,
  READ_AT,
} from "../support/spool/model.ts";
import { type Run, withSeries } from "./series.ts";

const MINUTE = 60;

const NO_ITEMS: ModelItems = { subscriptions: {}, seen: [], quotas: [], scripts: [], annotations: [] };

/**
 * Alice and Bob in sync, but for items.
 *
 * @param deliveredAt seconds after the first run at which Alice got a message that both hosts have
 */
function pairWith(primary: Partial<ModelItems>, replica: Partial<ModelItems>, deliveredAt: number | null): PairModel {
  const messages = [1, 2, 3].map((uid) => modelMessage(uid));
  if (deliveredAt !== null) messages.push(modelMessage(4, { lastUpdated: READ_AT + deliveredAt }));
  const pair = pairOf({
    mailboxes: [modelMailbox("user.alice", messages), modelMailbox("user.bob", [modelMessage(1)])],
    tombstones: [],
  });
  pair.primary.items = { ...NO_ITEMS, ...primary };
  pair.replica.items = { ...NO_ITEMS, ...replica };
  return pair;
}

function judged({ findings }: Run): unknown[] {
  return findings.map(({ class: is, state, side, rule, cause }) => [is, state, side, rule, cause].join(" "));
}

/** Items that only one side has, or both have unlike, that nothing on disk dates. */
const UNDATED: Readonly<Record<string, readonly [Partial<ModelItems>, Partial<ModelItems>, string]>> = {
  "a subscription on the primary": [
    { subscriptions: { alice: ["user.alice", "user.bob"] } },
    { subscriptions: { alice: ["user.alice"] } },
    "subscription-differs",
  ],
  "a subscription on the replica": [
    { subscriptions: { alice: ["user.alice"] } },
    { subscriptions: { alice: ["user.alice", "user.bob"] } },
    "subscription-differs",
  ],
  "a script that is active on the replica": [
    { scripts: [{ user: "alice", name: "main", source: "keep;", active: false }] },
    { scripts: [{ user: "alice", name: "main", source: "keep;", active: true }] },
    "sieve-differs",
  ],
  "a quota root on the replica": [{}, { quotas: [{ root: "user.alice", storage: 1000 }] }, "quota-differs"],
};

suite("compare --state: what nothing dates", () => {
  for (const [name, [primary, replica, is]] of Object.entries(UNDATED)) {
    test(`${name} is in flight, lag while replication stands still, and diverged when it went on`, async () => {
      await withSeries(async (series) => {
        const first = await series.run(pairWith(primary, replica, null), { at: 0 });
        assert.deepEqual(judged(first), [`${is} in-flight unknown no-order lag`]);
        assert.equal(first.exitCode, 4);
        const still = await series.run(pairWith(primary, replica, null), { at: 60 * MINUTE });
        assert.deepEqual(judged(still), [`${is} in-flight unknown no-order lag`]);
        assert.equal(still.findings[0]?.ageSeconds, 60 * MINUTE - 10);
        const wentOn = await series.run(pairWith(primary, replica, 70 * MINUTE), { at: 80 * MINUTE });
        assert.deepEqual(judged(wentOn), [`${is} diverged unknown outlived-replication `]);
        assert.equal(wentOn.exitCode, 1);
        // The same comparison again says the same.
        assert.deepEqual(judged(await series.compare(wentOn.manifests)), judged(wentOn));
        const later = await series.run(pairWith(primary, replica, 70 * MINUTE), { at: 90 * MINUTE });
        assert.deepEqual(judged(later), [`${is} diverged unknown outlived-replication `]);
        const healed = await series.run(pairWith(primary, primary, 70 * MINUTE), { at: 100 * MINUTE });
        assert.deepEqual([healed.exitCode, judged(healed)], [0, []]);
      });
    });
  }

  test("is in flight until the replica was read again after the settle time", async () => {
    const [primary, replica] = UNDATED["a subscription on the primary"] ?? [{}, {}];
    await withSeries(async (series) => {
      await series.run(pairWith(primary, replica, null), { at: 0 });
      const soon = await series.run(pairWith(primary, replica, 60), { at: 10 * MINUTE });
      assert.deepEqual(judged(soon), ["subscription-differs in-flight unknown no-order lag"]);
    });
  });

  test("begins anew with other values", async () => {
    const active = (name: string): Partial<ModelItems> => ({
      scripts: ["a", "b", "c"].map((script) => ({
        ...{ user: "alice", name: script, source: `# ${script}\nkeep;`, active: script === name },
      })),
    });
    await withSeries(async (series) => {
      await series.run(pairWith(active("a"), active("b"), null), { at: 0 });
      const other = await series.run(pairWith(active("c"), active("b"), 30 * MINUTE), { at: 60 * MINUTE });
      assert.deepEqual(judged(other), ["sieve-differs in-flight unknown no-order lag"]);
      assert.equal(other.findings[0]?.runs, 2);
      const same = await series.run(pairWith(active("c"), active("b"), 80 * MINUTE), { at: 90 * MINUTE });
      assert.deepEqual(judged(same), ["sieve-differs diverged unknown outlived-replication "]);
    });
  });

  test("begins anew when it was away", async () => {
    const [primary, replica] = UNDATED["a subscription on the primary"] ?? [{}, {}];
    await withSeries(async (series) => {
      await series.run(pairWith(primary, replica, null), { at: 0 });
      await series.run(pairWith(primary, primary, 10 * MINUTE), { at: 30 * MINUTE });
      const back = await series.run(pairWith(primary, replica, 50 * MINUTE), { at: 60 * MINUTE });
      assert.deepEqual(judged(back), ["subscription-differs in-flight unknown no-order lag"]);
      assert.equal(back.findings[0]?.course, "reopened");
    });
  });

  test("without a state file stays in flight", async () => {
    const [primary, replica] = UNDATED["a subscription on the primary"] ?? [{}, {}];
    await withSeries(async (series) => {
      await series.run(pairWith(primary, replica, null), { at: 0 });
      const manifests = await series.scan(pairWith(primary, replica, 70 * MINUTE), { at: 80 * MINUTE });
      const { findings } = await series.compare(manifests, { state: `${series.folder}/another.db` });
      assert.equal(findings[0]?.rule, "no-order");
    });
  });
});

suite("compare --state: what the replica has ahead", () => {
  /** Options that were changed on the replica, whose index is written to all the time. */
  function ahead(changedAt: number): PairModel {
    const pair = pairOf({ mailboxes: [modelMailbox("user.alice", [modelMessage(1)])], tombstones: [] });
    const replica = mailboxOf(pair.replica, "user.alice");
    replica.options = 0b101;
    replica.highestModseq += 10;
    replica.changedAt = READ_AT + changedAt;
    return pair;
  }

  test("may be a race once; when the primary was read again and still lacks it, it is diverged", async () => {
    await withSeries(async (series) => {
      const first = await series.run(ahead(5), { at: 0, primaryFirst: true });
      assert.deepEqual(judged(first), ["mailbox-metadata-differs in-flight primary replica-ahead race"]);
      const second = await series.run(ahead(20 * MINUTE + 5), { at: 20 * MINUTE, primaryFirst: true });
      assert.deepEqual(judged(second), ["mailbox-metadata-differs diverged replica primary-still-lacks "]);
      assert.equal(second.exitCode, 1);
      const third = await series.run(ahead(40 * MINUTE + 5), { at: 40 * MINUTE, primaryFirst: true });
      assert.deepEqual(judged(third), ["mailbox-metadata-differs diverged replica primary-still-lacks "]);
    });
  });
});

suite("compare: pending work", () => {
  /** Alice's second message is only on the primary, Bob's first has other flags on each. */
  function behind(): PairModel {
    const pair = pairWith({}, {}, null);
    const alice = mailboxOf(pair.primary, "user.alice");
    alice.messages.push(modelMessage(9, { modseq: 50, lastUpdated: READ_AT - 100 }));
    Object.assign(alice, { lastUid: 9, highestModseq: 50 });
    mailboxOf(pair.replica, "user.bob").messages[0]?.keywords.push("odd");
    return pair;
  }

  function explained({ findings }: Run): unknown[] {
    return findings.map(({ mailbox, state, pending }) => ({ mailbox, state, pending }));
  }

  test("in the primary's sync logs is shown on what is in flight and on what is diverged, and changes neither", async () => {
    const logs = { log: "APPEND user.alice\n", "west/log-run": 'META carol\nUSER "bob"\n' };
    await withSeries(async (series) => {
      const run = await series.run(behind(), { at: 0, logs });
      assert.deepEqual(explained(run), [
        { mailbox: "user.bob", state: "diverged", pending: { names: "user", log: "west/log-run" } },
        { mailbox: "user.alice", state: "in-flight", pending: { names: "mailbox", log: "log" } },
      ]);
      assert.match(String(run.findings[0]?.explain), /The sync log of mx1 still names this user\.$/);
      assert.match(String(run.findings[1]?.explain), /The sync log of mx1 still names this mailbox\.$/);
    });
  });

  test("that is absent says nothing, and neither do the replica's logs", async () => {
    await withSeries(async (series) => {
      const run = await series.run(behind(), { at: 0, logs: { log: "APPEND user.carol\nSUB alice user.alice\n" } });
      assert.deepEqual(explained(run), [
        { mailbox: "user.bob", state: "diverged", pending: undefined },
        { mailbox: "user.alice", state: "in-flight", pending: undefined },
      ]);
    });
  });
});
