/**
 * A real Cyrus IMAP pair on loopback is the judge: what it says over IMAP, and what `md5sum` says of its files, must be
 * what the compiled program reads from its disk.
 */
import assert from "node:assert/strict";
import { closeSync, openSync, readSync, statSync, writeSync } from "node:fs";
import { after, before, beforeEach, describe, it } from "node:test";
import { ExitCode } from "../../src/errors.ts";
import { cyrusToTestWith } from "../support/cyrus-server/binaries.ts";
import { churn } from "../support/cyrus-server/churn.ts";
import type { LayoutOptions } from "../support/cyrus-server/configuration.ts";
import {
  type JudgedMailbox,
  judge,
  judgeAll,
  type ListedMailbox,
  listedMailboxes,
} from "../support/cyrus-server/judge.ts";
import { CyrusPair, type CyrusSide } from "../support/cyrus-server/pair.ts";
import { byText, findingText, messageLines, ORDERS, Scans, SIDES, statusLine } from "../support/cyrus-server/scans.ts";
import { type SeededUser, seed } from "../support/cyrus-server/seed.ts";
import { chosenSeed, createRandom } from "../support/random.ts";
import { sampleMessage } from "../support/sample-message.ts";

const LAYOUTS: Readonly<Record<string, LayoutOptions>> = {
  "legacy, hashed": { layout: "legacy", hash: true },
  uuid: { layout: "uuid" },
  "legacy, full hash, meta and archive partitions, modseqs by mailbox": {
    layout: "legacy",
    hash: true,
    fullHash: true,
    metaFiles: ["header", "index", "cache", "annotations"],
    archiveAfter: "7d",
    conversations: false,
    mailboxList: "skiplist",
  },
};
const MESSAGES = 250;
const LEVELS = ["index", "stat", "quick", "full"];
const LOAD_MS = 8_000;

const { binaries, missing } = cyrusToTestWith();
const seedNumber = chosenSeed();

for (const [name, layout] of Object.entries(LAYOUTS)) {
  describe(`Cyrus IMAP pair, ${name}`, { skip: missing ?? false }, () => pairSuite(layout));
}

/** The tests of one pair. They run in order, each on a pair in sync; the last one leaves one that cannot be synced. */
function pairSuite(layout: LayoutOptions): void {
  const random = createRandom(seedNumber);
  let pair: CyrusPair;
  let users: readonly SeededUser[];
  let scans: Scans;

  before(async (context) => {
    assert(binaries !== null);
    context.diagnostic?.(`SPOOLDIFF_SEED=${seedNumber}`);
    pair = await CyrusPair.start(binaries, layout);
    scans = new Scans(pair);
    users = await seed(pair, random, MESSAGES);
    await pair.sync();
    // A second sync over a replica that has something already takes other paths of sync_client than the first.
    for (const user of users) await churn(pair, user, random, (acts) => acts < 15);
    if (layout.archiveAfter !== undefined) await pair.output("primary", "cyr_expire", ["-A", layout.archiveAfter]);
    await pair.sync();
  });

  beforeEach(() => pair.sync()); // a test that failed half-way must not fail the next

  after(async () => {
    scans?.delete();
    await pair?.stop();
  });

  it("inspect prints what IMAP, stat and md5sum say of every message", async () => {
    const printed = await Promise.all(SIDES.map(async (side) => scans.inspect(await scans.scan(side))));
    const listed = await Promise.all(SIDES.map((side) => listedMailboxes(pair, side)));
    assert((listed[0]?.length ?? 0) > 40, "hardly anything was seeded");
    assert.deepEqual(listed[1], listed[0], "the servers themselves have different mailboxes");
    for (const [at, side] of SIDES.entries()) {
      const mailboxes = listed[at] ?? [];
      assert.deepEqual(printed[at]?.names.toSorted(), mailboxes.map(({ name }) => name).toSorted());
      for (const mailbox of await judgeAll(pair, side, mailboxes)) {
        assert.deepEqual(printed[at]?.mailbox(mailbox), statusLine(mailbox), `${side} ${mailbox.name}`);
        assert.deepEqual(printed[at]?.messages(mailbox), messageLines(mailbox), `${side} ${mailbox.name}`);
      }
    }
  });

  for (const level of LEVELS) {
    it(`compare finds a synced pair equal in either order of scans at level ${level}`, async () => {
      const replica = await scans.scan("replica", "--level", level);
      const primary = await scans.scan("primary", "--level", level, "--after", replica);
      const laterReplica = await scans.scan("replica", "--level", level);
      for (const manifest of [replica, laterReplica]) {
        const { status, findings } = await scans.compare(primary, manifest);
        assert.deepEqual(findings, []);
        assert.equal(status, ExitCode.ok);
      }
    });
  }

  it("compare calls mail that was not synced yet in flight, and names exactly that", async () => {
    const expected = [
      ...(await deliverUnsynced(pair, ["alice", "carol"])),
      await flagUnsynced(pair, await anyMessage(pair, "primary")),
    ];
    const lagging = await scans.both();
    assert.deepEqual(lagging.findings, expected.toSorted(byText));
    assert.equal(lagging.status, ExitCode.lagging);
    await pair.sync();
    const synced = await scans.both();
    assert.deepEqual(synced.findings, []);
    assert.equal(synced.status, ExitCode.ok);
  });

  it("compare names the one file whose byte was flipped on the replica", async () => {
    const { mailbox, uid } = await anyMessage(pair, "replica");
    const path = mailbox.files.get(uid)?.path ?? assert.fail(`no file of ${mailbox.name} ${uid}`);
    const offset = random.integer(0, statSync(path).size - 1);
    flipByte(path, offset);
    try {
      const { status, findings } = await scans.both();
      assert.deepEqual(findings, [finding("file-corrupt", "damaged", mailbox, uid)]);
      assert.equal(status, ExitCode.variance);
    } finally {
      flipByte(path, offset);
    }
  });

  it("compare finds nothing but in-flight variance while mail is written", async (context) => {
    const endRolling = pair.rolling();
    const writing = new AbortController();
    const deadline = Date.now() + LOAD_MS;
    const load = users
      .slice(0, 2)
      .map((user) => churn(pair, user, random, () => Date.now() < deadline && !writing.signal.aborted));
    try {
      let rounds = 0;
      for (; Date.now() < deadline; rounds++) {
        const { status, findings } = await scans.both(ORDERS[rounds % ORDERS.length]);
        const wrong = findings.filter((line) => !line.startsWith("in-flight "));
        assert.deepEqual(wrong, []);
        assert(status === ExitCode.ok || status === ExitCode.lagging, `exit ${status}`);
      }
      const acts = await Promise.all(load);
      context.diagnostic(`${rounds} comparisons over ${acts.join(" and ")} acts of writing`);
      assert(Math.min(...acts) > 20, `hardly anything was written: ${acts.join(", ")} acts`);
    } finally {
      writing.abort();
      await Promise.allSettled(load);
      await endRolling();
    }
    await pair.sync();
    const { status, findings } = await scans.both();
    assert.deepEqual(findings, []);
    assert.equal(status, ExitCode.ok);
  });

  it("compare calls a message expunged on the replica alone diverged", async () => {
    const { mailbox, uid } = await anyMessage(pair, "replica");
    const session = await pair.imap("replica", mailbox.owner ?? undefined);
    await session.expunge(mailbox.sessionName, String(uid));
    const { status, findings } = await scans.both();
    assert.deepEqual(findings, [finding("message-missing", "diverged", mailbox, uid)]);
    assert.equal(status, ExitCode.variance);
  });

  /** A message of a user on one side: the only name of its file, so that damage to it is one fault. */
  async function anyMessage(of: CyrusPair, side: CyrusSide): Promise<{ mailbox: JudgedMailbox; uid: number }> {
    const owned = (await listedMailboxes(of, side)).filter(({ owner }) => owner !== null);
    for (;;) {
      const mailbox = await judge(of, side, random.pick(owned));
      const single = [...mailbox.files].filter(([, { path }]) => statSync(path).nlink === 1);
      if (single.length > 0) return { mailbox, uid: random.pick(single)[0] };
    }
  }

  async function deliverUnsynced(to: CyrusPair, names: readonly string[]): Promise<string[]> {
    const listed = await listedMailboxes(to, "primary");
    const inboxes = listed.filter(({ name }) => names.some((user) => name === `user.${user}`));
    assert.equal(inboxes.length, names.length);
    const expected: string[] = [];
    for (const inbox of inboxes) {
      const session = await to.imap("primary", inbox.owner ?? undefined);
      const { uidNext } = await session.status("INBOX");
      expected.push(finding("message-missing", "in-flight", inbox, uidNext));
    }
    await to.deliver([{ to: names, message: sampleMessage(random).bytes }]);
    return expected;
  }

  async function flagUnsynced(on: CyrusPair, { mailbox, uid }: { mailbox: JudgedMailbox; uid: number }) {
    const session = await on.imap("primary", mailbox.owner ?? undefined);
    await session.store(mailbox.sessionName, String(uid), "+FLAGS", "Unsynced");
    return finding("flags-differ", "in-flight", mailbox, uid);
  }
}

/** A finding about one message on the replica. */
function finding(kind: string, state: string, mailbox: ListedMailbox, uid: number): string {
  return findingText(kind, state, "replica", mailbox.name, uid);
}

/** Inverts one bit of a file in place; doing it twice restores the file. */
function flipByte(path: string, offset: number): void {
  const file = openSync(path, "r+");
  try {
    const byte = Buffer.alloc(1);
    assert.equal(readSync(file, byte, 0, 1, offset), 1);
    byte.writeUInt8(byte.readUInt8(0) ^ 0x01);
    writeSync(file, byte, 0, 1, offset);
  } finally {
    closeSync(file);
  }
}
