import assert from "node:assert/strict";
import { afterEach, beforeEach, mock, test } from "node:test";
import { lookAtIndex, STABLE_MS } from "../../src/scan/read-index.ts";
import type { IndexReading, MailboxReader, MailboxRef } from "../../src/store/mail-store.ts";

// Only the clock is a mock: what is read is scripted, and the waits in between are real and short.
beforeEach(() => mock.timers.enable({ apis: ["Date"], now: 1_000_000 }));
afterEach(() => mock.timers.reset());

const REF = {} as MailboxRef;
const GOOD = { status: "read", snapshot: {} } as IndexReading;
const torn = (signature: string): IndexReading => ({
  status: "inconsistent",
  signature,
  found: `found ${signature}`,
  accept: { status: "index-corrupt", found: `found ${signature}` },
});

test("lookAtIndex() reads again until it is consistent", () => {
  const reader = scripted([torn("a"), torn("b"), GOOD]);
  assert.equal(lookAtIndex(reader, REF, null).status, "read");
  assert.equal(reader.reads, 3);
});

test("lookAtIndex() gives up for now on what does not become consistent", () => {
  const look = lookAtIndex(scripted([torn("a"), torn("a"), torn("b"), torn("b")]), REF, null);
  assert.deepEqual(look, {
    status: "contradicted",
    contradiction: { signature: "b", reads: 2, sinceMs: 1_000_000 },
    found: "found b",
  });
});

test("lookAtIndex() accepts a contradiction that stood in five reads over a second", () => {
  const before = { signature: "a", reads: 4, sinceMs: 1_000_000 };
  mock.timers.tick(STABLE_MS);
  const reader = scripted([torn("a")]);
  assert.deepEqual(lookAtIndex(reader, REF, before), { status: "index-corrupt", found: "found a" });
  assert.equal(reader.reads, 1);
});

test("lookAtIndex() accepts neither many reads at once nor few over a long time", () => {
  const atOnce = lookAtIndex(scripted([torn("a")]), REF, { signature: "a", reads: 50, sinceMs: 1_000_000 });
  assert.equal(atOnce.status, "contradicted");
  mock.timers.tick(60_000);
  const reader = scripted([torn("a"), torn("a"), GOOD]);
  assert.equal(lookAtIndex(reader, REF, { signature: "a", reads: 2, sinceMs: 1_000_000 }).status, "read");
});

test("lookAtIndex() begins to count anew when the contradiction is another one", () => {
  const before = { signature: "a", reads: 40, sinceMs: 1 };
  const look = lookAtIndex(scripted([torn("b"), torn("a"), torn("b"), torn("b")]), REF, before);
  assert.ok(look.status === "contradicted");
  assert.deepEqual(look.contradiction, { signature: "b", reads: 2, sinceMs: 1_000_000 });
});

test("lookAtIndex() tries again only what may pass", () => {
  const count = (reading: IndexReading) => {
    const reader = scripted([reading]);
    assert.equal(lookAtIndex(reader, REF, null).status, reading.status);
    return reader.reads;
  };
  assert.equal(count({ status: "missing", path: "/x" }), 1);
  assert.equal(count({ status: "unsupported", found: "" }), 1);
  assert.equal(count({ status: "unreadable", path: "/x", errno: "EACCES" }), 1);
  assert.equal(count({ status: "unreadable", path: "/x", errno: "ESTALE" }), 4);
  assert.equal(count({ status: "index-corrupt", found: "" }), 4);
});

/** A reader that gives these readings one after another, the last one for ever. */
function scripted(readings: readonly IndexReading[]): MailboxReader & { readonly reads: number } {
  let reads = 0;
  return {
    get reads() {
      return reads;
    },
    readIndex: () => readings[Math.min(reads++, readings.length - 1)]!,
    extentOf: () => ({ messages: 0, bytes: 0 }),
    messageUid: () => null,
    messageFileName: String,
  };
}
