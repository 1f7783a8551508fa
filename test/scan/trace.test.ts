import assert from "node:assert/strict";
import { readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { after, describe, it } from "node:test";
import { setTimeout } from "node:timers/promises";
import { metadataBytes, traceOf } from "../../src/scan/trace.ts";
import { unreached } from "../../src/scan/unreached.ts";
import type { MailboxRef } from "../../src/store/mail-store.ts";
import { messages, TestSpool } from "./test-spool.ts";

const spool = new TestSpool();
after(() => spool.remove());

const digestOf = (ref: MailboxRef) => traceOf(ref)?.digest.toString("hex");

describe("traceOf()", () => {
  it("changes with every file of a mailbox, its directories and its entry in the list, and with nothing else", async () => {
    const ref = spool.add("user.a", messages(1, 2));
    const other = spool.add("user.b", messages(1));
    assert.equal(traceOf(ref)?.settled, false, "what was written a moment ago may change within the same tick");
    const seen = new Set([digestOf(ref)]);
    const changes: (() => void)[] = [
      () => writeFileSync(ref.indexFile, readFileSync(ref.indexFile)),
      () => writeFileSync(ref.headerFile, readFileSync(ref.headerFile)),
      () => writeFileSync(ref.annotationsFile, "x"),
      () => writeFileSync(ref.expungeFile, "x"),
      () => rmSync(`${ref.messageDirectories[0]}/2.`),
      () => writeFileSync(`${ref.messageDirectories[0]}/9.`, "delivered"),
      // Put back from a backup, with the times of the old one: another inode.
      () => {
        writeFileSync(`${spool.base}/restored`, readFileSync(ref.indexFile));
        renameSync(`${spool.base}/restored`, ref.indexFile);
      },
    ];
    for (const change of changes) {
      // Longer than a tick of the clock that files get their times of.
      await setTimeout(12);
      change();
      const digest = digestOf(ref);
      assert.ok(digest !== undefined && !seen.has(digest), String(change));
      seen.add(digest);
    }
    const facts = [
      { ...ref, uniqueId: "another" },
      { ...ref, name: "user.c" },
      { ...ref, messageDirectories: other.messageDirectories },
      { ...ref, listing: { ...ref.listing, foldermodseq: 7n } },
      { ...ref, listing: { ...ref.listing, acl: [["ben", "lr"]] as const } },
    ];
    for (const changed of facts) assert.ok(!seen.has(digestOf(changed)), JSON.stringify(changed.listing.acl));
    writeFileSync(`${other.messageDirectories[0]}/9.`, "delivered elsewhere");
    assert.ok(seen.has(digestOf(ref)));
    await setTimeout(2050);
    assert.equal(traceOf(ref)?.settled, true);
  });

  it("is null where something cannot be looked at, and not where something is missing", () => {
    const ref = spool.add("user.d", messages(1));
    assert.equal(traceOf({ ...ref, indexFile: `${spool.spool}/${"x".repeat(300)}` }), null);
    assert.notEqual(traceOf({ ...ref, indexFile: `${spool.spool}/nowhere` }), null);
  });
});

it("metadataBytes() adds up what there is", () => {
  const ref = spool.add("user.e", messages(1));
  const length = readFileSync(ref.indexFile).length + readFileSync(ref.headerFile).length;
  assert.equal(metadataBytes(ref), length);
});

it("unreached() leaves out what was handed over, also under a new name, unless two mailboxes have that uniqueid", () => {
  const refs = ["user.f", "user.g", "user.h", "user.i"].map((name) => spool.place(name));
  const [f, g, h, i] = refs as [MailboxRef, MailboxRef, MailboxRef, MailboxRef];
  const twin = { ...i, uniqueId: h.uniqueId };
  const there = [{ name: "user.f", uniqueId: f.uniqueId }, { name: "user.new", uniqueId: g.uniqueId }, h];
  const isThere = ({ name, uniqueId }: Pick<MailboxRef, "name" | "uniqueId">) =>
    there.some((mailbox) => mailbox.name === name || (uniqueId !== null && mailbox.uniqueId === uniqueId));
  const readings = [...unreached([f, g, h, twin], isThere)];
  assert.deepEqual(
    readings.map(({ name, status }) => [name, status]),
    [["user.i", "not-checked"]],
  );
});
