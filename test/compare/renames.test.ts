/** Renames of mailboxes: one event each, and what stands in them is still compared. Design §3.2. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Variance } from "../../src/compare/variance.ts";
import { compareFiles } from "../support/pipeline.ts";
import {
  type ModelSide,
  mailboxOf,
  messageOf,
  modelMailbox,
  modelMessage,
  type PairModel,
  pairOf,
  READ_AT,
  type SpoolModel,
} from "../support/spool/model.ts";
import { comparePair, inFolder, scanPair } from "../support/spool/scan-pair.ts";

const NAMES = [
  "user.alice",
  "user.alice.Old",
  "user.alice.Old.a",
  "user.alice.Old.a.b",
  "user.alice.One",
  "user.alice.Two",
];

function sample(): PairModel {
  const mailboxes = NAMES.map((name) => modelMailbox(name, [modelMessage(1, { body: `Subject: ${name}\r\n\r\n` })]));
  const spool: SpoolModel = { mailboxes, tombstones: [] };
  return pairOf(spool);
}

/** Gives mailboxes new names on one side, an hour before the scans. */
function rename(pair: PairModel, side: ModelSide, names: Readonly<Record<string, string>>): void {
  const renamed = Object.entries(names).map(([from, to]) => ({ mailbox: mailboxOf(pair[side], from), to }));
  for (const { mailbox, to } of renamed) {
    mailbox.name = to;
    mailbox.foldermodseq += 1;
    mailbox.listMtime = READ_AT - 3600;
  }
}

function linesOf(variances: readonly Variance[]): string[] {
  return variances.map(({ class: name, state, cause, side, rule, subject, absorbed }) => {
    const { mailbox, otherMailbox, uid } = subject;
    const what = [name, cause === undefined ? state : `${state}:${cause}`, side, rule].join(" ");
    const where = [mailbox, otherMailbox, uid].filter((part) => part !== undefined).join(" ");
    return `${what} | ${where}${absorbed === undefined ? "" : ` | ${JSON.stringify(absorbed)}`}`;
  });
}

const SUBTREE = {
  "user.alice.Old": "user.alice.New",
  "user.alice.Old.a": "user.alice.New.a",
  "user.alice.Old.a.b": "user.alice.New.a.b",
};
const SWAP = { "user.alice.One": "user.alice.Two", "user.alice.Two": "user.alice.One" };
const CYCLE = {
  "user.alice.One": "user.alice.Two",
  "user.alice.Two": "user.alice.Old.a",
  "user.alice.Old.a": "user.alice.One",
};

describe("compareManifests() of renamed mailboxes", { concurrency: 4 }, () => {
  for (const layout of ["legacy", "uuid"] as const) {
    it(`takes a sub-tree for one event (${layout})`, async () => {
      const pair = sample();
      rename(pair, "primary", SUBTREE);
      const { variances, mailboxes, summary } = await comparePair(pair, { layout });
      assert.deepEqual(linesOf(variances), [
        'mailbox-renamed in-flight:lag replica mailbox-list-order | user.alice.New user.alice.Old | {"mailbox-renamed":2}',
      ]);
      assert.deepEqual(
        mailboxes.map(({ mailbox, checks }) => [mailbox, checks.list, checks.uids]),
        Object.values(SUBTREE).map((name) => [name, "differs", "same"]),
      );
      assert.equal(summary.exitCode, 4);
    });
  }

  it("blames the replica for a rename of its own", async () => {
    const pair = sample();
    rename(pair, "replica", SUBTREE);
    assert.deepEqual(linesOf((await comparePair(pair)).variances), [
      'mailbox-renamed diverged replica mailbox-list-order | user.alice.Old user.alice.New | {"mailbox-renamed":2}',
    ]);
  });

  it("takes a sub-tree for one event also where its root is no mailbox", async () => {
    const pair = sample();
    rename(pair, "primary", SUBTREE);
    const root = ["user.alice.Old", "user.alice.New"];
    for (const side of ["primary", "replica"] as const) {
      pair[side].mailboxes = pair[side].mailboxes.filter(({ name }) => !root.includes(name));
    }
    rename(pair, "primary", { "user.alice.One": "user.alice.Three" });
    assert.deepEqual(linesOf((await comparePair(pair)).variances), [
      'mailbox-renamed in-flight:lag replica mailbox-list-order | user.alice.New.a user.alice.Old.a | {"mailbox-renamed":1}',
      "mailbox-renamed in-flight:lag replica mailbox-list-order | user.alice.Three user.alice.One",
    ]);
  });

  it("is as bad as the worst of a sub-tree", async () => {
    const pair = sample();
    rename(pair, "primary", SUBTREE);
    mailboxOf(pair.replica, "user.alice.Old.a.b").foldermodseq += 5;
    assert.deepEqual(linesOf((await comparePair(pair)).variances), [
      'mailbox-renamed diverged replica mailbox-list-order | user.alice.New user.alice.Old | {"mailbox-renamed":2}',
    ]);
  });

  it("takes two mailboxes that each side has deleted the other of for two that are missing", async () => {
    const pair = sample();
    const deleted = (name: string) => `DELETED.${name}.65000000`;
    rename(pair, "replica", { "user.alice.One": deleted("user.alice.One"), "user.alice.Two": "user.alice.One" });
    rename(pair, "primary", { "user.alice.Two": deleted("user.alice.Two") });
    assert.deepEqual(linesOf((await comparePair(pair)).variances), [
      "mailbox-missing diverged replica mailbox-deleted | user.alice.One",
      "mailbox-missing in-flight:lag replica mailbox-deleted | user.alice.One",
    ]);
  });

  it("takes a child that went elsewhere for an event of its own", async () => {
    const pair = sample();
    rename(pair, "primary", { ...SUBTREE, "user.alice.Old.a.b": "user.alice.Three" });
    assert.deepEqual(linesOf((await comparePair(pair)).variances), [
      'mailbox-renamed in-flight:lag replica mailbox-list-order | user.alice.New user.alice.Old | {"mailbox-renamed":1}',
      "mailbox-renamed in-flight:lag replica mailbox-list-order | user.alice.Three user.alice.Old.a.b",
    ]);
  });

  for (const side of ["primary", "replica"] as const) {
    it(`takes names swapped on the ${side} for divergence`, async () => {
      const pair = sample();
      rename(pair, side, SWAP);
      const { variances } = await comparePair(pair);
      assert.deepEqual(linesOf(variances), [
        'mailbox-renamed diverged replica rename-cycle | user.alice.One user.alice.Two | {"mailbox-renamed":1}',
      ]);
    });
  }

  it("takes names that three have exchanged for one divergence", async () => {
    const pair = sample();
    rename(pair, "primary", CYCLE);
    const { variances } = await comparePair(pair);
    assert.deepEqual(
      variances.map(({ class: name, state, rule, absorbed }) => [name, state, rule, absorbed]),
      [["mailbox-renamed", "diverged", "rename-cycle", { "mailbox-renamed": 2 }]],
    );
  });

  it("takes a chain of names for renames that replication can follow", async () => {
    const pair = sample();
    rename(pair, "primary", { "user.alice.One": "user.alice.Two", "user.alice.Two": "user.alice.Three" });
    const { variances } = await comparePair(pair);
    assert.deepEqual(
      variances.map(({ class: name, state, subject }) => [name, state, subject.mailbox]),
      [
        ["mailbox-renamed", "in-flight", "user.alice.Three"],
        ["mailbox-renamed", "in-flight", "user.alice.Two"],
      ],
    );
  });

  it("compares the messages all the same", async () => {
    const pair = sample();
    rename(pair, "primary", SUBTREE);
    messageOf(mailboxOf(pair.replica, "user.alice.Old.a"), 1).file = null;
    const { variances } = await comparePair(pair);
    assert.deepEqual(linesOf(variances), [
      "file-missing damaged replica own-records | user.alice.Old.a 1",
      'mailbox-renamed in-flight:lag replica mailbox-list-order | user.alice.New user.alice.Old | {"mailbox-renamed":2}',
    ]);
  });

  it("reports a new mailbox of the old name beside it, and the damage of each once", async () => {
    const pair = sample();
    rename(pair, "primary", { "user.alice.One": "user.alice.Three" });
    const fresh = {
      uniqueId: "brandnewmailbox",
      uidValidity: READ_AT - 3500,
      foldermodseq: 9,
      listMtime: READ_AT - 3500,
    };
    pair.primary.mailboxes.push(modelMailbox("user.alice.One", [modelMessage(1)], fresh));
    for (const [spool, name] of [
      [pair.replica, "user.alice.One"],
      [pair.primary, "user.alice.One"],
    ] as const) {
      messageOf(mailboxOf(spool, name), 1).file = null;
    }
    const { variances } = await comparePair(pair);
    assert.deepEqual(linesOf(variances).sort(), [
      "file-missing damaged primary own-records | user.alice.One 1",
      "file-missing damaged replica own-records | user.alice.One 1",
      "mailbox-recreated in-flight:lag replica uniqueid-replaced | user.alice.One",
      "mailbox-renamed in-flight:lag replica mailbox-list-order | user.alice.Three user.alice.One",
    ]);
  });
});

describe("compareManifests() of one damaged inode behind two messages", () => {
  it("reports each message, naming the other", async () => {
    const pair = sample();
    for (const name of ["user.alice.One", "user.alice.Two"]) {
      for (const side of ["primary", "replica"] as const) {
        const message = messageOf(mailboxOf(pair[side], name), 1);
        message.body = "Subject: to both\r\n\r\n";
        if (side === "primary") Object.assign(message, { inode: "shared", file: "Subject: to bots\r\n\r\n" });
      }
    }
    const { variances } = await comparePair(pair);
    assert.deepEqual(linesOf(variances), [
      "file-corrupt damaged primary own-records | user.alice.One 1",
      "file-corrupt damaged primary own-records | user.alice.Two 1",
    ]);
    assert.deepEqual(
      variances.map(({ primary }) => primary?.sameFileAs),
      [["user.alice.Two/1"], ["user.alice.One/1"]],
    );
  });
});

describe("compareManifests() narrowed to some mailboxes", () => {
  const inScope = (name: string) => name.startsWith("user.alice.T");

  it("still sees what left them, or was deleted", async () => {
    const pair = sample();
    rename(pair, "replica", { "user.alice.Two": "DELETED.user.alice.Two.65000000" });
    await inFolder(async (folder) => {
      const { primary, replica } = await scanPair(folder, pair);
      const { variances } = compareFiles(primary, replica, { inScope });
      assert.deepEqual(linesOf(variances), ["mailbox-missing diverged replica mailbox-deleted | user.alice.Two"]);
    });
  });
});
