/** What one manifest says against itself. Design §3.1 and §3.5. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { contradictsList, fileFault, mailboxFaults, sharedFault } from "../../../src/compare/judge/own-side.ts";
import type { Counters } from "../../../src/mail/mailbox.ts";
import { MAILBOX_STATUSES } from "../../../src/mail/mailbox.ts";
import { FILE_PROBLEMS, type FileReading, type Message, NOT_LOOKED_AT } from "../../../src/mail/message.ts";
import { guid, listed, mailbox, message } from "../records.ts";

const words = (fault: { class: string; state: string; item?: string } | null) =>
  fault === null ? null : [fault.class, fault.state, fault.item].filter((word) => word !== undefined).join(" ");

describe("mailboxFaults()", () => {
  it("names what keeps a mailbox from being read, and nothing beside it", () => {
    const faults = MAILBOX_STATUSES.map((status) => [status, ...mailboxFaults(mailbox({ status })).map(words)]);
    assert.deepEqual(faults, [
      ["read"],
      ["index-corrupt", "index-corrupt damaged"],
      ["header-corrupt", "mailbox-unreadable damaged"],
      ["directory-missing", "mailbox-directory-missing damaged"],
      ["unreadable", "mailbox-unreadable unproven"],
      ["unstable", "mailbox-unreadable unproven"],
      ["unsupported", "mailbox-unreadable unproven"],
      ["not-checked"],
    ]);
    const counted = { stored: { ...COUNTERS, exists: 9 }, counted: COUNTERS };
    assert.equal(mailboxFaults(mailbox({ status: "index-corrupt", ...counted })).length, 1);
  });

  it("names a directory that the list does not know, whatever is in it", () => {
    for (const status of ["read", "index-corrupt"] as const) {
      assert.deepEqual(mailboxFaults(mailbox({ listed: false, status })).map(words), ["mailbox-not-in-list damaged"]);
    }
  });

  it("names each counter that the records do not add up to", () => {
    for (const [field, name] of Object.entries(COUNTER_NAMES) as [keyof Counters, string][]) {
      const value = COUNTERS[field];
      const stored = { ...COUNTERS, [field]: typeof value === "bigint" ? value + 1n : Number(value) + 1 };
      const faults = mailboxFaults(mailbox({ stored, counted: COUNTERS }));
      assert.deepEqual(faults.map(words), [`index-counters-wrong damaged ${name}`]);
    }
    const stored = { ...COUNTERS, exists: 1, deleted: 1 };
    assert.deepEqual(mailboxFaults(mailbox({ stored, counted: COUNTERS })).map(words), [
      "index-counters-wrong damaged exists, deleted",
    ]);
  });

  it("says nothing of counters that an index does not have", () => {
    for (const field of ["unseen", "syncCrcBasic", "syncCrcAnnot"] as const) {
      const without = { ...COUNTERS, [field]: null };
      assert.deepEqual(mailboxFaults(mailbox({ stored: without, counted: COUNTERS })), [], field);
      assert.deepEqual(mailboxFaults(mailbox({ stored: COUNTERS, counted: without })), [], field);
    }
    assert.deepEqual(mailboxFaults(mailbox({ stored: null, counted: COUNTERS })), []);
    assert.deepEqual(mailboxFaults(mailbox({ stored: COUNTERS, counted: null })), []);
  });

  it("names an index of another uidvalidity than the list has, beside its counters", () => {
    const facts = listed({ uidValidity: 7 }, { stored: { ...COUNTERS, exists: 1 }, counted: COUNTERS });
    assert.deepEqual(mailboxFaults(facts).map(words), [
      "uidvalidity-contradicts-mailbox-list damaged",
      "index-counters-wrong damaged exists",
    ]);
  });
});

const COUNTERS: Counters = {
  ...{ exists: 3, unseen: 2, answered: 1, flagged: 0, deleted: 0, quotaUsed: 300n, syncCrcBasic: 11, syncCrcAnnot: 12 },
};

const COUNTER_NAMES: Readonly<Record<keyof Counters, string>> = {
  ...{ exists: "exists", unseen: "unseen", answered: "answered", flagged: "flagged", deleted: "deleted" },
  ...{ quotaUsed: "quota_used", syncCrcBasic: "sync_crc", syncCrcAnnot: "annotcrc" },
};

describe("contradictsList()", () => {
  it("is false where the list or the index does not say", () => {
    assert.equal(contradictsList(mailbox()), false);
    assert.equal(contradictsList(listed({ uidValidity: null })), false);
    assert.equal(contradictsList(mailbox({ listing: null })), false);
    assert.equal(contradictsList(listed({ uidValidity: 7 }, { header: null })), false);
    assert.equal(contradictsList(listed({ uidValidity: 7 })), true);
  });
});

const GOOD: FileReading = { problem: null, sizeBytes: 100n, md5: new Uint8Array(16), sha1: guid(1), xxh64: null };
const withFile = (file: Partial<FileReading>, over: Partial<Message> = {}) =>
  message({ ...over, file: { ...GOOD, ...file } });

describe("fileFault()", () => {
  it("holds a file against its record", () => {
    assert.equal(fileFault(withFile({})), null);
    assert.equal(words(fileFault(withFile({ sizeBytes: 99n }))), "file-size-differs damaged");
    assert.equal(words(fileFault(withFile({ sha1: guid(2) }))), "file-corrupt damaged");
    assert.equal(words(fileFault(withFile({ sizeBytes: 99n, sha1: guid(2) }))), "file-size-differs damaged");
  });
  it("says nothing of what nobody looked at, or of a file without a GUID", () => {
    assert.equal(fileFault(message({ file: NOT_LOOKED_AT })), null);
    assert.equal(fileFault(withFile({ sha1: guid(2) }, { guid: null })), null);
  });
  it("tells a file that is gone from one that could not be read", () => {
    const faults = FILE_PROBLEMS.map((problem) => words(fileFault(withFile({ problem, sizeBytes: null, sha1: null }))));
    assert.deepEqual(faults, [
      "file-missing damaged",
      "file-unreadable unproven not-regular",
      "file-unreadable unproven unreadable",
      "file-unreadable unproven unstable",
    ]);
  });
});

describe("sharedFault()", () => {
  const missing = { problem: "missing", sizeBytes: null, md5: null, sha1: null } as const;
  const unreadable = { ...missing, problem: "unreadable" } as const;
  const shared = (p: Partial<FileReading>, r: Partial<FileReading>, guids: Partial<Message> = {}) =>
    sharedFault(withFile(p), withFile(r, guids));

  it("is one fault where both hosts have lost the file, or have the same wrong one", () => {
    assert.equal(shared(missing, missing), true);
    assert.equal(shared({ sha1: guid(2) }, { sha1: guid(2) }), true);
    assert.equal(shared({ sizeBytes: 9n }, { sizeBytes: 9n }), true);
    assert.equal(shared({ sizeBytes: 9n, sha1: null }, { sizeBytes: 9n, sha1: null }), true);
    assert.equal(sharedFault(withFile(missing, { guid: null }), withFile(missing, { guid: null })), true);
  });
  it("is two where the files are wrong in two ways", () => {
    assert.equal(shared({ sha1: guid(2) }, { sha1: guid(3) }), false);
    assert.equal(shared({ sizeBytes: 9n }, { sizeBytes: 8n }), false);
    assert.equal(shared({ sizeBytes: 9n, sha1: guid(2) }, { sizeBytes: 9n, sha1: guid(3) }), false);
    assert.equal(shared({ sizeBytes: 9n, sha1: guid(2) }, { sizeBytes: 9n, sha1: null }), false);
    assert.equal(shared(missing, { sha1: guid(2) }), false);
  });
  it("is none where a host has no fault, or could not be read", () => {
    assert.equal(shared({}, {}), false);
    assert.equal(shared(missing, {}), false);
    assert.equal(shared({}, missing), false);
    assert.equal(shared(unreadable, unreadable), false);
  });
  it("is two where the records name two messages", () => {
    assert.equal(shared(missing, missing, { guid: guid(2) }), false);
    assert.equal(shared(missing, missing, { guid: null }), false);
  });
});
