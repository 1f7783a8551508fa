/** A month of one pair, all the way: spools on disk, scanned and compared each night with one state file. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { seriesOf } from "../../src/cli/reports/pair-series.ts";
import { readSeries } from "../../src/history/read-series.ts";
import type { TrendVerdict } from "../../src/trend/judge.ts";
import { trendOf } from "../../src/trend/trend.ts";
import { type RunSpec, type Series, withSeries } from "../history/series.ts";
import {
  mailboxOf,
  messageOf,
  modelMailbox,
  modelMessage,
  type PairModel,
  pairOf,
  READ_AT,
} from "../support/spool/model.ts";

const HOUR = 3600;
const DAY = 24 * HOUR;
const MONTH = 30;
const USERS = ["alice", "bob"] as const;
type User = (typeof USERS)[number];

/** The pair, and which of the two models has the role of the primary. */
class Month {
  readonly pair: PairModel = pairOf({
    mailboxes: USERS.map((user) => modelMailbox(`user.${user}`, [modelMessage(1), modelMessage(2)])),
    tombstones: [],
  });
  swapped = false;
  now = 0;

  get primary() {
    return this.swapped ? this.pair.replica : this.pair.primary;
  }

  get replica() {
    return this.swapped ? this.pair.primary : this.pair.replica;
  }

  /** Mail that came so many seconds before this night's comparison. */
  deliver(user: User, ago: number): void {
    const mailbox = mailboxOf(this.primary, `user.${user}`);
    const time = READ_AT + this.now - ago;
    const uid = ++mailbox.lastUid;
    mailbox.highestModseq += 2;
    mailbox.changedAt = time;
    const times = { lastUpdated: time, internalDate: time, saveDate: time };
    mailbox.messages.push(modelMessage(uid, { ...times, modseq: mailbox.highestModseq }));
  }

  replicate(users: readonly User[] = USERS): void {
    for (const user of users) {
      const copy = structuredClone(mailboxOf(this.primary, `user.${user}`));
      Object.assign(mailboxOf(this.replica, `user.${user}`), copy);
    }
  }

  /** The file of an old message on the replica rots, or is put back. */
  rot(rotten: boolean): void {
    const message = messageOf(mailboxOf(this.replica, "user.bob"), 2);
    message.file = rotten ? message.body.replace("text", "tExt") : message.body;
  }
}

/** What happens before a comparison, and how that is not like the others; null: there is none that night. */
type Night = (month: Month) => Partial<RunSpec> | null;

const mail: Night = (month) => {
  for (const user of USERS) month.deliver(user, 12 * HOUR);
  month.replicate();
  return {};
};
const late: Night = (month) => {
  mail(month);
  month.deliver("alice", HOUR / 2);
  return {};
};
const stopped: Night = (month) => {
  for (const user of USERS) month.deliver(user, 12 * HOUR);
  return {};
};
const aliceBlocked: Night = (month) => {
  for (const user of USERS) month.deliver(user, 12 * HOUR);
  month.replicate(["bob"]);
  return {};
};
const rotten = (then: Night): Night => {
  return (month) => {
    const spec = then(month);
    month.rot(true);
    return spec;
  };
};
const mended = (then: Night): Night => {
  return (month) => {
    const spec = then(month);
    month.rot(false);
    return spec;
  };
};
/** The scans are further apart than is allowed: whatever it finds, it clears nothing. */
const incomplete = (then: Night): Night => {
  return (month) => ({ ...then(month), options: { maxGap: 5 } });
};
const skipped: Night = () => null;
const failOver: Night = (month) => {
  month.swapped = !month.swapped;
  return mail(month);
};
/** Not by replication: the record is gone and the replica's index says that it has seen it. */
const lostOnReplica: Night = (month) => {
  mail(month);
  const mailbox = mailboxOf(month.replica, "user.alice");
  mailbox.messages = mailbox.messages.filter(({ uid }) => uid !== 2);
  return {};
};

/** Nights, first and last; what happens; the word of the pair, and that of Alice. */
const TABLE: readonly (readonly [string, Night, TrendVerdict, TrendVerdict])[] = [
  ["1", mail, "unknown", "unknown"],
  ["2-4", mail, "converged", "converged"],
  ["5-7", late, "steady", "steady"],
  ["8-10", stopped, "stalled", "stalled"],
  ["11", late, "converging", "converging"],
  ["12", mail, "converged", "converged"],
  ["13", aliceBlocked, "steady", "steady"],
  ["14-15", aliceBlocked, "stalled", "stalled"],
  ["16", mail, "converged", "converged"],
  ["17-18", rotten(mail), "diverging", "converged"],
  ["19", mended(mail), "converged", "converged"],
  ["20", rotten(mail), "diverging", "converged"],
  ["21", mended(mail), "converged", "converged"],
  ["22", skipped, "converged", "converged"],
  ["23", incomplete(mail), "converged", "converged"],
  ["24", rotten(incomplete(mail)), "diverging", "converged"],
  // It is mended, and nobody has seen that.
  ["25", mended(incomplete(mail)), "diverging", "converged"],
  ["26", mail, "converged", "converged"],
  ["27", failOver, "unknown", "unknown"],
  ["28", mail, "converged", "converged"],
  ["29-30", lostOnReplica, "diverging", "diverging"],
];

async function compared(series: Series, month: Month, spec: Partial<RunSpec>): Promise<void> {
  const { swapped, now: at } = month;
  const run = await series.run(month.pair, { at, swapped, primaryFirst: swapped, ...spec });
  assert.equal(run.summary.history.notCounted, null);
}

test("trend has the right word after each night of a month that is scanned and compared", async () => {
  await withSeries(async (series) => {
    const month = new Month();
    let night = 0;
    for (const [nights, happens, word, ofAlice] of TABLE) {
      const [first = 0, last = first] = nights.split("-").map(Number);
      assert.equal(first, night + 1, `the table has no night ${night + 1}`);
      while (night < last) {
        night++;
        month.now = night * DAY;
        const spec = happens(month);
        if (spec !== null) await compared(series, month, spec);
        const stored = readSeries(series.state, 2);
        const trend = trendOf(seriesOf(stored), { nowMs: (READ_AT + month.now) * 1000, maxAgeSeconds: null });
        const alice = trend.users.find(({ user }) => user === "alice");
        const told = `night ${night}: ${trend.reason}; alice: ${alice?.reason}; ${JSON.stringify(stored.standing)}`;
        assert.deepEqual([trend.verdict, alice?.verdict], [word, ofAlice], told);
      }
    }
    assert.equal(night, MONTH);
    const coverage = readSeries(series.state, 2).comparisons.at(-1)?.coverage;
    const messages = month.primary.mailboxes.flatMap((mailbox) => mailbox.messages).length;
    assert.deepEqual([coverage?.mailboxes, coverage?.mailboxesUnchecked], [USERS.length, 0]);
    assert.ok((coverage?.primary.read ?? 0) > 0 && coverage?.primary.read === coverage?.primary.bytes);
    // Also the one that the other side has lost.
    assert.equal(coverage?.messages, messages);
  });
});
