/** What a series of comparisons remembers: which of them count, and what they make of the findings before. */
import assert from "node:assert/strict";
import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { suite, test } from "node:test";
import { StateFileError } from "../../src/history/state-error.ts";
import { mailboxOf, messageOf, modelMailbox, modelMessage, type PairModel, pairOf } from "../support/spool/model.ts";
import { type Run, type Series, withSeries } from "./series.ts";

const DAY = 86_400;
const HOUR = 3600;

/** Two users in sync. */
function healthy(): PairModel {
  const messages = () => [1, 2, 3].map((uid) => modelMessage(uid));
  return pairOf({
    mailboxes: [modelMailbox("user.alice", messages()), modelMailbox("user.bob", messages())],
    tombstones: [],
  });
}

/** The same with a message file of the replica that has rotted. */
function rotten(name = "user.alice", uid = 2): PairModel {
  const pair = healthy();
  const message = messageOf(mailboxOf(pair.replica, name), uid);
  message.file = message.body.replace("text", "tExt");
  return pair;
}

function courses({ findings }: Run): unknown[] {
  return findings.map(({ class: is, uid, course, runs }) => [is, uid, course, runs]);
}

function history({ summary }: Run): unknown {
  return summary.history.findings;
}

suite("compare --state", () => {
  test("knows a finding by its thing: new, persisting, cleared, reopened", async () => {
    await withSeries(async (series) => {
      const first = await series.run(rotten(), { at: 0 });
      assert.deepEqual(courses(first), [["file-corrupt", 2, "new", 1]]);
      assert.equal(first.summary.history.comparison, 1);
      const second = await series.run(rotten(), { at: DAY });
      assert.deepEqual(courses(second), [["file-corrupt", 2, "persisting", 2]]);
      assert.equal(second.findings[0]?.firstSeen, first.summary.history.since);
      const third = await series.run(healthy(), { at: 2 * DAY });
      assert.deepEqual(history(third), { new: 0, persisting: 0, reopened: 0, cleared: 1, notReExamined: 0 });
      assert.equal(third.exitCode, 0);
      const fourth = await series.run(healthy(), { at: 3 * DAY });
      assert.deepEqual(history(fourth), { new: 0, persisting: 0, reopened: 0, cleared: 0, notReExamined: 0 });
      const fifth = await series.run(rotten(), { at: 4 * DAY });
      assert.deepEqual(courses(fifth), [["file-corrupt", 2, "reopened", 3]]);
      assert.equal(fifth.findings[0]?.firstSeen, first.summary.history.since);
      assert.equal(fifth.summary.history.comparison, 5);
    });
  });

  test("goes on with a thing that is in another condition now", async () => {
    await withSeries(async (series) => {
      await series.run(rotten(), { at: 0 });
      const gone = rotten();
      messageOf(mailboxOf(gone.replica, "user.alice"), 2).file = null;
      assert.deepEqual(courses(await series.run(gone, { at: DAY })), [["file-missing", 2, "persisting", 2]]);
    });
  });

  test("counts a pair of manifests once, and changes nothing for it the second time", async () => {
    await withSeries(async (series) => {
      const first = await series.run(rotten(), { at: 0 });
      const bytes = readFileSync(series.state);
      const again = await series.compare(first.manifests);
      assert.deepEqual(courses(again), [["file-corrupt", 2, "new", 1]]);
      assert.match(String(again.summary.history.notCounted), /counted as comparison 1/);
      assert.equal(history(again), null);
      assert.deepEqual(readFileSync(series.state), bytes);
    });
  });

  test("does not count manifests that are not both younger than those it counted last", async () => {
    await withSeries(async (series) => {
      const early = await series.scan(rotten(), { at: 0 });
      const late = await series.run(healthy(), { at: DAY });
      const bytes = readFileSync(series.state);
      const stale = await series.compare(early);
      assert.match(String(stale.summary.history.notCounted), /began .* before the one that was counted last/);
      const halfNew = await series.scan(rotten(), { at: 2 * DAY });
      const mixed = await series.compare([halfNew[0], late.manifests[1]]);
      assert.match(String(mixed.summary.history.notCounted), /of mx2 was counted with another one/);
      assert.deepEqual(readFileSync(series.state), bytes);
      assert.equal((await series.compare(halfNew)).summary.history.notCounted, null);
    });
  });

  test("refuses another pair, and knows its own in exchanged roles, which clears nothing", async () => {
    await withSeries(async (series) => {
      await series.run(rotten(), { at: 0 });
      const swapped = await series.run(healthy(), { at: DAY, swapped: true });
      assert.equal(swapped.summary.history.swapped, true);
      assert.deepEqual(history(swapped), { new: 0, persisting: 0, reopened: 0, cleared: 0, notReExamined: 1 });
      const bytes = readFileSync(series.state);
      await withSeries(async (other) => {
        const manifests = await other.scan(healthy(), { at: 2 * DAY });
        await assert.rejects(series.compare(manifests), StateFileError);
      });
      assert.deepEqual(readFileSync(series.state), bytes);
      // The new roles are those of the pair from now on.
      const settled = await series.run(healthy(), { at: 3 * DAY, swapped: true });
      assert.deepEqual(history(settled), { new: 0, persisting: 0, reopened: 0, cleared: 1, notReExamined: 0 });
    });
  });

  test("starts anew where the file is lost, for its owner's eyes only", async () => {
    await withSeries(async (series) => {
      const { summary } = await series.run(healthy(), { at: 0 });
      assert.deepEqual([summary.history.comparison, summary.history.swapped], [1, false]);
      assert.equal(statSync(series.state).mode & 0o777, 0o600);
    });
  });
});

suite("compare --state clears only what it looked at again", () => {
  /** Whether the second comparison clears the one finding of the first. */
  async function clears(
    series: Series,
    second: PairModel,
    spec: Partial<Parameters<Series["run"]>[1]> = {},
    before: PairModel = rotten(),
  ): Promise<unknown> {
    const first = await series.run(before, { at: 0 });
    assert.equal(first.findings.length, 1);
    const { cleared, notReExamined } = history(await series.run(second, { at: DAY, ...spec })) as Record<
      string,
      number
    >;
    return { cleared, notReExamined };
  }

  const CLEARED = { cleared: 1, notReExamined: 0 };
  const OPEN = { cleared: 0, notReExamined: 1 };

  test("not at a level that reads less", async () => {
    for (const level of ["index", "stat", "quick"] as const) {
      await withSeries(async (series) => {
        assert.deepEqual(await clears(series, healthy(), { level }), OPEN, level);
        const third = await series.run(healthy(), { at: 2 * DAY });
        assert.deepEqual(history(third), { new: 0, persisting: 0, reopened: 0, cleared: 1, notReExamined: 0 });
      });
    }
  });

  test("what the index tells at any level", async () => {
    const lost = healthy();
    mailboxOf(lost.replica, "user.alice").messages.splice(1, 1);
    await withSeries(async (series) => {
      assert.deepEqual(await clears(series, healthy(), { level: "index" }, lost), CLEARED);
    });
  });

  test("not out of scope", async () => {
    for (const [options, expected] of [
      [{ include: ["user.bob*"] }, OPEN],
      [{ exclude: ["user.alice"] }, OPEN],
      [{ include: ["user.alice"] }, CLEARED],
    ] as const) {
      await withSeries(async (series) => {
        assert.deepEqual(await clears(series, healthy(), { options }), expected, JSON.stringify(options));
      });
    }
  });

  test("not where the mailbox could not be compared", async () => {
    const broken: Record<string, (pair: PairModel) => void> = {
      "its directory is gone": (pair) => {
        mailboxOf(pair.replica, "user.alice").directoryMissing = true;
      },
      "it is missing on one side": (pair) => {
        pair.replica.mailboxes.shift();
      },
      "it has another uidvalidity": (pair) => {
        mailboxOf(pair.replica, "user.alice").uidValidity += 1000;
      },
      "it was created again": (pair) => {
        mailboxOf(pair.replica, "user.alice").uniqueId = "recreated0000000000000001";
      },
    };
    for (const [name, damage] of Object.entries(broken)) {
      // The file can be judged by its own index alone, but the message is not there to be compared.
      const lost = healthy();
      mailboxOf(lost.replica, "user.alice").messages.splice(1, 1);
      const pair = healthy();
      damage(pair);
      await withSeries(async (series) => assert.deepEqual(await clears(series, pair, {}, lost), OPEN, name));
    }
  });

  test("with a mailbox that both hosts have deleted", async () => {
    const pair = healthy();
    for (const side of ["primary", "replica"] as const) pair[side].mailboxes.shift();
    await withSeries(async (series) => assert.deepEqual(await clears(series, pair), CLEARED));
  });

  test("not when the scans are too far apart", async () => {
    await withSeries(async (series) => {
      assert.deepEqual(await clears(series, healthy(), { options: { maxGap: 5 } }), OPEN);
    });
  });

  test("not items that were not read, and items that were", async () => {
    const items = (names: string[]) => ({
      ...{ subscriptions: { alice: names }, seen: [], quotas: [], scripts: [], annotations: [] },
    });
    const subscribed = healthy();
    subscribed.primary.items = items(["user.alice", "user.bob"]);
    subscribed.replica.items = items(["user.alice"]);
    const alike = healthy();
    for (const side of ["primary", "replica"] as const) alike[side].items = items(["user.alice"]);
    await withSeries(async (series) => assert.deepEqual(await clears(series, alike, {}, subscribed), CLEARED));
    const unread = structuredClone(alike);
    unread.replica.items = { ...items(["user.alice"]), damagedSubscriptions: ["alice"] };
    await withSeries(async (series) => assert.deepEqual(await clears(series, unread, {}, subscribed), OPEN));
  });

  test("several findings of one thing are told apart by class and side", async () => {
    const both = rotten();
    messageOf(mailboxOf(both.primary, "user.alice"), 2).file = null;
    await withSeries(async (series) => {
      const first = await series.run(both, { at: 0 });
      assert.deepEqual(courses(first).length, 2);
      const second = await series.run(rotten(), { at: HOUR });
      assert.deepEqual(courses(second), [["file-corrupt", 2, "persisting", 2]]);
      assert.deepEqual(history(second), { new: 0, persisting: 1, reopened: 0, cleared: 1, notReExamined: 0 });
    });
  });

  test("--state is no name for a report or a manifest too", async () => {
    await withSeries(async (series) => {
      const manifests = await series.scan(healthy(), { at: 0 });
      const bytes = readFileSync(manifests[0]);
      await assert.rejects(series.compare(manifests, { state: manifests[0] }), /not a state file of spooldiff/);
      assert.deepEqual(readFileSync(manifests[0]), bytes);
      const report = join(series.folder, "report.ndjson");
      await assert.rejects(series.compare(manifests, { state: report }), /a report is written there/);
    });
  });
});
