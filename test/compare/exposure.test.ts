import assert from "node:assert/strict";
import { test } from "node:test";
import type { Draft } from "../../src/compare/explain.ts";
import { ExposureTally } from "../../src/compare/exposure.ts";
import { LagTally } from "../../src/compare/lag.ts";
import type { ManifestView } from "../../src/compare/manifest-view.ts";
import type { MailboxFacts } from "../../src/mail/scan-facts.ts";
import { mailbox, message, NOON } from "./records.ts";

const COUNTED = {
  exists: 7,
  unseen: 0,
  answered: 0,
  flagged: 0,
  deleted: 0,
  quotaUsed: 7000n,
  syncCrcBasic: null,
  syncCrcAnnot: null,
};

function exposureOf(drafts: readonly Partial<Draft>[], facts: Partial<MailboxFacts> = {}) {
  const box = mailbox({ counted: COUNTED, ...facts });
  const view: Pick<ManifestView, "listedByUniqueId" | "listedByName" | "mailbox" | "message"> = {
    ...{ listedByUniqueId: () => 1, listedByName: () => 1, mailbox: () => box },
    message: (_, uid) => message({ uid, sizeBytes: 300n, lastUpdated: NOON }),
  };
  const tally = new ExposureTally(view as ManifestView, (NOON + 100) * 1000, new LagTally());
  const base = { state: "in-flight", side: "replica", rule: "uid-above-last", cause: "lag" } as const;
  const subject = { mailbox: "user.alice", uniqueId: "a1", uid: 5 };
  for (const draft of drafts)
    tally.add({ class: "message-missing", ...base, subject, primary: null, replica: null, ...draft });
  return tally.result();
}

const HERE = { size: 100, lastUpdated: "2023-11-14T22:00:00Z" };
const GONE = { present: false };
const DELETED = { mailbox: "DELETED.user.alice.Gone.6B075D40", uniqueId: "d", uid: 1 };

test("ExposureTally adds up messages that only the primary has, by user", () => {
  const result = exposureOf([
    { primary: HERE, replica: GONE },
    { primary: { ...HERE, lastUpdated: "2023-11-14T21:00:00Z" }, replica: { expunged: true }, state: "diverged" },
    { primary: HERE, replica: GONE, subject: { mailbox: "user.bob.Sent", uniqueId: "b", uid: 1 }, cause: "race" },
    { primary: HERE, replica: GONE, subject: { mailbox: "shared", uniqueId: "s", uid: 1 } },
  ]);
  const counts = { messages: 4, bytes: "400", users: 2, betweenScans: 1, exact: true };
  assert.deepEqual(result, { ...counts, oldest: "2023-11-14T21:00:00Z" });
});

test("ExposureTally leaves out what the replica has, and what nobody could judge", () => {
  const result = exposureOf([
    { primary: GONE, replica: HERE },
    { primary: HERE, replica: GONE, state: "unproven" },
    { class: "flags-differ", primary: HERE, replica: HERE },
    { class: "file-corrupt", state: "damaged", side: "primary", primary: HERE },
    { class: "file-corrupt", state: "damaged", side: "replica", subject: DELETED },
    { class: "file-corrupt", state: "damaged", side: "both", primary: HERE, replica: HERE },
  ]);
  assert.deepEqual(result, { messages: 0, bytes: "0", users: 0, oldest: null, betweenScans: 0, exact: true });
});

test("ExposureTally counts messages whose file is bad on the replica, and whole mailboxes", () => {
  const bad = exposureOf([{ class: "file-corrupt", state: "damaged", side: "replica", replica: { size: 1 } }]);
  assert.deepEqual([bad.messages, bad.bytes, bad.exact], [1, "300", true]);
  const lost = exposureOf([{ class: "mailbox-missing", primary: { messages: 7 }, replica: GONE, ageSeconds: 100 }]);
  assert.deepEqual(
    [lost.messages, lost.bytes, lost.oldest],
    [7, "7000", new Date(NOON * 1000).toISOString().replace(".000Z", "Z")],
  );
  const gone = exposureOf([{ class: "mailbox-directory-missing", state: "damaged", side: "replica" }]);
  assert.deepEqual([gone.messages, gone.exact], [7, true]);
});

test("ExposureTally says so where there may be more", () => {
  const conflict = {
    class: "mailbox-recreated",
    state: "diverged",
    primary: { withoutPartner: 3 },
    replica: {},
  } as const;
  assert.deepEqual([exposureOf([conflict]).messages, exposureOf([conflict]).exact], [3, false]);
  assert.equal(exposureOf([{ class: "index-corrupt", state: "damaged", side: "replica" }]).exact, false);
  assert.equal(exposureOf([{ class: "index-corrupt", state: "damaged", side: "primary" }]).exact, true);
  assert.equal(exposureOf([{ class: "mailbox-missing", primary: {}, replica: GONE }], { counted: null }).exact, false);
});
