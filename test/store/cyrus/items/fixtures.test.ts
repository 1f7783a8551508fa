/** What a real pair of Cyrus 3.6 holds on disk, against what was done to it over IMAP and ManageSieve. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { inspect } from "node:util";
import { crc32 } from "node:zlib";
import type { MailboxItem } from "../../../../src/mail/item.ts";
import { unpackRecord } from "../../../../src/mail/packed-messages.ts";
import { cyrusMailboxReader } from "../../../../src/store/cyrus/reader.ts";
import type { MailboxRef, MailStore } from "../../../../src/store/mail-store.ts";
import { openStore } from "../../../../src/store/registry.ts";
import { type FixtureName, type UnpackedFixture, unpackFixture } from "../../../support/fixtures.ts";

const open = (configFile: string) => openStore("cyrus", { configFile, partitions: [], configDirectory: null });

/** All items of a store, each as one line; everything must have been readable. */
async function linesOf(store: MailStore): Promise<string[]> {
  const lines: string[] = [];
  for await (const reading of store.readItems(await store.readMailboxList())) {
    assert.ok(reading.status === "read", inspect(reading));
    lines.push(line(reading.item));
  }
  return lines;
}

function line({ kind, mailbox, owner, key, value }: MailboxItem): string {
  return [kind, mailbox?.name ?? "", owner, key, value].join("|");
}

function annotationsOf(ref: MailboxRef) {
  const reading = cyrusMailboxReader.readIndex(ref);
  assert.ok(reading.status === "read", inspect(reading));
  const { annotations } = reading.snapshot;
  assert.ok(annotations.status === "read", inspect(annotations));
  return annotations.annotations;
}

/** The seed of the fixtures: what the four users did. */
const SEEDED = [
  "subscription||alice|user.alice|",
  "subscription||alice|user.alice.&ZeVnLIqe-|",
  "subscription||alice|user.alice.Projects.Alpha Beta|",
  "subscription||alice|user.alice.Sent|",
  "seen|shared|alice||1:3",
  "seen|shared.announce|alice||1:3",
  // The Message-ID that the server gave it is this digest, too.
  "sieve|user.alice.#sieve|alice|main.script|de61d8a3d1bd120434e4a3c123aa5d496d967478",
  "sieve||alice|active|main",
  "seen|shared|bob||1",
  "seen|shared.announce|bob||1",
  "seen|user.alice.Projects|bob||1",
  "quota|||user.alice|MESSAGE 100000 STORAGE 1000000",
  "quota|||user.bob|MESSAGE 100000 STORAGE 1000000",
  "quota|||user.carol|MESSAGE 100000 STORAGE 1000000",
  "quota|||user.dave^smith|MESSAGE 100000 STORAGE 1000000",
  "annotation|user.alice||/comment|alice shared",
  "annotation|user.alice|alice|/comment|sha1:c9589a08e56a8a12ce2fa57f611736a47d5ca65c (13 bytes)",
  "annotation|user.alice.Archive|alice|/specialuse|\\Archive",
  "annotation|user.alice.Drafts|alice|/specialuse|\\Drafts",
  "annotation|user.alice.Projects||/vendor/lab/colour|bl\xc3\xa5",
  "annotation|user.alice.Sent|alice|/specialuse|\\Sent",
].sort();

for (const fixture of ["a-legacy-insync", "b-uuid-insync"] as const satisfies readonly FixtureName[]) {
  describe(`MailStore.readItems() of ${fixture}`, () => {
    let spool: UnpackedFixture;
    before(() => {
      spool = unpackFixture(fixture);
    });
    after(() => spool.cleanup());

    for (const side of ["primary", "replica"]) {
      it(`finds on the ${side} what was done over IMAP, and no more`, async () => {
        const store = await open(join(spool.root, side, "imapd.conf"));
        const lines = (await linesOf(store)).filter((text) => !text.startsWith("quota-usage")).sort();
        const isCounter = (text: string) => text.startsWith("modseq-counter");
        assert.deepEqual(
          lines.filter((text) => !isCounter(text)),
          SEEDED,
        );
        const bob = fixture === "a-legacy-insync" ? 36 : 33;
        const counters = ["alice||158", `bob||${bob}`, "carol||24", "dave.smith||22", "||32"];
        assert.deepEqual(
          lines.filter(isCounter),
          counters.map((text) => `modseq-counter||${text}`),
        );
      });

      it(`finds on the ${side} the usage that the mailboxes of a root add up to`, async () => {
        const store = await open(join(spool.root, side, "imapd.conf"));
        const { mailboxes } = await store.readMailboxList();
        const sums = new Map<string, { bytes: bigint; messages: number; mailboxes: number }>();
        for (const ref of mailboxes) {
          const reading = cyrusMailboxReader.readIndex(ref);
          assert.ok(reading.status === "read", ref.name);
          const { quotaRoot, counted } = reading.snapshot;
          // A mailbox that is deleted has left the quota of its former root.
          if (quotaRoot === null || quotaRoot === "") continue;
          const sum = sums.get(quotaRoot) ?? { bytes: 0n, messages: 0, mailboxes: 0 };
          sum.bytes += counted.quotaUsed;
          sum.messages += counted.exists;
          sum.mailboxes++;
          sums.set(quotaRoot, sum);
        }
        const usages = (await linesOf(store)).filter((text) => text.startsWith("quota-usage"));
        assert.equal(usages.length, 4);
        for (const usage of usages) {
          const [, , , root = "", value = ""] = usage.split("|");
          const sum = sums.get(root);
          assert.match(
            value,
            new RegExp(` MAILBOX ${sum?.mailboxes} MESSAGE ${sum?.messages} STORAGE ${sum?.bytes}$`),
            root,
          );
        }
      });

      it(`reads on the ${side} annotations of messages that add up to the index's checksum over them`, async () => {
        const store = await open(join(spool.root, side, "imapd.conf"));
        let annotated = 0;
        for (const ref of (await store.readMailboxList()).mailboxes) {
          const reading = cyrusMailboxReader.readIndex(ref);
          assert.ok(reading.status === "read", ref.name);
          const { snapshot } = reading;
          let crc = 12345678;
          const live = new Set<number>();
          const add = (uid: number, entry: string, user: string, value: string) => {
            crc = (crc ^ crc32(Buffer.from(`${uid} ${entry} ${user} ${value}`, "latin1"))) >>> 0;
          };
          const vendor = "/vendor/cmu/cyrus-imapd/";
          for (let row = 0; row < snapshot.live.count; row++) {
            const { uid, cid, saveDate, createdModseq } = unpackRecord(snapshot.live, row);
            live.add(uid);
            const thread = cid === null ? "" : Buffer.from(cid).toString("hex").replace(/^0+/, "");
            if (thread !== "") add(uid, `${vendor}thrid`, "", thread);
            if (saveDate) add(uid, `${vendor}savedate`, "", String(saveDate));
            if (createdModseq) add(uid, `${vendor}createdmodseq`, "", String(createdModseq));
          }
          for (const { uid, item, value } of annotationsOf(ref)) {
            if (!live.has(uid)) continue;
            annotated++;
            add(uid, item.key.slice(item.key.indexOf(" ") + 1), item.owner, value);
          }
          assert.equal(crc, snapshot.stored.syncCrcAnnot, ref.name);
        }
        assert.equal(annotated, 3);
      });
    }
  });
}

describe("MailStore.readItems() of c-damaged-legacy", () => {
  it("differs between the sides in what was changed on one of them", async () => {
    const spool = unpackFixture("c-damaged-legacy");
    try {
      const sides = await Promise.all(
        ["primary", "replica"].map(async (side) => linesOf(await open(join(spool.root, side, "imapd.conf")))),
      );
      const [primary = [], replica = []] = sides.map((all) =>
        all.filter((text) => !/^(quota-usage|modseq-counter)/.test(text)),
      );
      assert.deepEqual(
        primary.filter((text) => !replica.includes(text)),
        ["seen|shared|bob||1:2", "annotation|user.alice.CaseTest||/comment|changed on the primary"],
      );
      assert.deepEqual(
        replica.filter((text) => !primary.includes(text)),
        ["subscription||alice|user.alice.Sent|", "seen|shared|bob||1"],
      );
    } finally {
      spool.cleanup();
    }
  });
});
