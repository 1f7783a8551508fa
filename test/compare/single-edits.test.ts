/** Every kind of fault alone, on each side, in both layouts: one finding, the right one, and never "in sync". */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { symlinkSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import type { Variance } from "../../src/compare/variance.ts";
import { LEVELS, type Level, levelReaches } from "../../src/mail/message.ts";
import { compareFiles, inspectFile, scanConf } from "../support/pipeline.ts";
import { EDITS, type ExpectedFinding } from "../support/spool/edits.ts";
import { modelMailbox, modelMessage, pairOf, READ_AT, type SpoolModel } from "../support/spool/model.ts";
import { comparePair, inFolder, scanModel } from "../support/spool/scan-pair.ts";
import { writeSpool } from "../support/spool/write-spool.ts";

/** Alice has messages in a folder only: how far replication has come for her shows nowhere else. */
function sampleSpool(): SpoolModel {
  const some = (...uids: number[]) => uids.map((uid) => modelMessage(uid));
  return {
    mailboxes: [
      modelMailbox("shared.news", some(1, 2)),
      modelMailbox("user.alice", []),
      modelMailbox("user.alice.Archive", some(1, 2)),
      modelMailbox("user.alice.Work", [
        ...some(1, 2, 3, 4),
        modelMessage(6, { flags: 16, keywords: ["Work"] }),
        modelMessage(7, { flags: 1 }),
        modelMessage(8, { expunged: true }),
      ]),
      modelMailbox("user.bob", some(1, 3)),
    ],
    tombstones: [],
  };
}

function findingOf({ class: name, state, side, subject }: Variance): unknown {
  const { mailbox, uid, key } = subject;
  const place = { mailbox, ...(uid === undefined ? {} : { uid }), ...(key === undefined ? {} : { key }) };
  return { class: name, state, side, ...place };
}

describe("compareManifests() of what could not be read", { concurrency: 8 }, () => {
  for (const [what, plant] of Object.entries({
    "a symlink that is named like a message": (directory: string) => symlinkSync("1.", `${directory}/5.`),
    "a FIFO that is named like a message": (directory: string) => execFileSync("mkfifo", [`${directory}/5.`]),
  })) {
    it(`${what} is never in sync`, async () => {
      await inFolder(async (folder) => {
        const pair = pairOf(sampleSpool());
        const primary = await scanModel(folder, "primary", pair.primary);
        const conf = writeSpool(join(folder, "replica"), pair.replica, "legacy");
        plant(join(folder, "replica/spool/user/alice/Work"));
        const replica = await scanConf(conf, join(folder, "replica.db"), { readAtMs: READ_AT * 1000 });
        const { summary, variances } = compareFiles(primary, replica);
        const expected = { class: "file-unreadable", state: "unproven", side: "replica" };
        assert.deepEqual(variances.map(findingOf), [{ ...expected, mailbox: "user.alice.Work", uid: 5 }]);
        assert.equal(summary.verdict, "incomplete");
        assert.equal(summary.exitCode, 3);
        assert.equal(inspectFile(replica).verdict, "incomplete");
      });
    });
  }
});

describe("compareManifests() of a model pair with one fault", { concurrency: 8 }, () => {
  it("finds nothing where there is none", async () => {
    const { summary, variances } = await comparePair(pairOf(sampleSpool()));
    assert.deepEqual(variances, []);
    assert.equal(summary.verdict, "in-sync");
  });

  for (const [kind, edit] of Object.entries(EDITS)) {
    for (const side of ["primary", "replica"] as const) {
      // Edits of the lag and split groups choose their side by themselves.
      if (side === "replica" && !kind.startsWith("damage.")) continue;
      it(`${kind} on the ${side}`, async () => {
        const pair = pairOf(sampleSpool());
        const expected: ExpectedFinding = edit.apply(pair, { side, mailbox: "user.alice.Work", uid: 6 });
        const { summary, variances } = await comparePair(pair, { layout: side === "primary" ? "legacy" : "uuid" });
        assert.deepEqual(variances.map(findingOf), [expected]);
        assert.notEqual(summary.verdict, "in-sync");
        assert.equal(summary.exitCode, expected.state === "in-flight" ? 4 : 1);
      });
    }
  }
});

/** The least level that sees a fault which is not in an index or a list. */
const SEEN_FROM: Readonly<Record<string, Level>> = {
  "damage.bitFlip": "quick",
  "damage.truncation": "stat",
  "damage.emptied": "stat",
  "damage.missingFile": "stat",
  "damage.sameFlipOnBoth": "full",
  "damage.missingOnBoth": "stat",
  "damage.orphan": "stat",
  "damage.orphanOnBoth": "stat",
};

describe("compareManifests() of a model pair with one fault, at lesser levels", { concurrency: 8 }, () => {
  for (const level of ["index", "stat", "quick"] as const) {
    for (const [i, [kind, edit]] of Object.entries(EDITS).entries()) {
      const seen = levelReaches(level, SEEN_FROM[kind] ?? "index");
      // What is seen at all levels is tried at one.
      if (seen && i % 3 !== LEVELS.indexOf(level)) continue;
      it(`${level} ${seen ? "sees" : "does not claim to have seen"} ${kind}`, async () => {
        const pair = pairOf(sampleSpool());
        edit.apply(pair, { side: "replica", mailbox: "user.alice.Work", uid: 6 });
        const { summary } = await comparePair(pair, { level });
        assert.equal(summary.verdict !== "in-sync", seen);
        // Equal contents are the same at level quick, whatever their indexes would say.
        if (!seen && level !== "quick") assert.equal(summary.checks.content, "not-checked");
        assert.equal(summary.scope.level, level);
      });
    }
  }
});
