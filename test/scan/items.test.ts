import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { afterEach, beforeEach, test } from "node:test";
import type { MailboxItem, UnreadMailboxItems } from "../../src/mail/item.ts";
import type { ReadProblem } from "../../src/mail/mailbox.ts";
import { runScan } from "../../src/scan/scan.ts";
import type { ScanSink } from "../../src/scan/scan-options.ts";
import { writeAnnotationValue } from "../store/cyrus/items/annotation-writer.ts";
import { writeFlat } from "../support/cyrusdb-writer.ts";
import { EXPUNGED } from "../support/index-writer.ts";
import { bytes, messages, TestSpool } from "./test-spool.ts";

let spool: TestSpool;
beforeEach(() => {
  spool = new TestSpool();
});
afterEach(() => spool.remove());

/** Scans the spool, and tells in which order what came. */
async function scan(includes: (name: string) => boolean = () => true, signal = new AbortController().signal) {
  const told: string[] = [];
  const annotations = new Map<string, readonly string[] | null>();
  const problems: ReadProblem[] = [];
  const who = ({ kind, owner, key, mailbox }: MailboxItem | UnreadMailboxItems) =>
    [kind, mailbox?.name ?? "", owner ?? "*", key ?? "*"].join("|");
  const sink: ScanSink = {
    mailbox: (reading) => {
      told.push(reading.name);
      annotations.set(reading.name, reading.annotations?.map(({ key, value }) => `${key}=${value}`) ?? null);
      problems.push(...reading.problems);
    },
    tombstone() {},
    pending() {},
    problem: (problem) => void problems.push(problem),
    item: (item) => void told.push(who(item)),
    unreadItems: (unread) => void told.push(`unread ${who(unread)}`),
  };
  const options = { level: "index" as const, workers: 0, niceIncrement: 0, includes, findUnlisted: false };
  const outcome = await runScan(spool.store(), options, sink, { progress() {} }, signal);
  return { told, annotations, problems, outcome };
}

function item(kind: MailboxItem["kind"], over: Partial<MailboxItem>): MailboxItem {
  return { ...{ kind, owner: "", key: "", value: "", mtime: null, modseq: null, mailbox: null }, ...over };
}

const IN = (name: string) => ({ uniqueId: null, name });

test("runScan() hands over items after all mailboxes, and problems of those that were not read", async () => {
  spool.add("user.a", messages(1));
  const problem: ReadProblem = { what: "items", path: "/x", uid: null, errno: "EIO", found: "the system refuses it" };
  spool.items = [
    { status: "read", item: item("subscription", { owner: "a", key: "user.b" }) },
    { status: "unread", unread: { kind: "seen", owner: "a", key: null, mailbox: null }, problem },
    { status: "unread", unread: { kind: "sieve", owner: null, key: null, mailbox: null }, problem: null },
  ];
  const { told, problems, outcome } = await scan();
  assert.deepEqual(told, ["user.a", "subscription||a|user.b", "unread seen||a|*", "unread sieve||*|*"]);
  assert.deepEqual(problems, [problem]);
  assert.equal(outcome.problems, 1);
  assert.ok((outcome.itemsReadAtMs ?? 0) >= (outcome.listReadAtMs ?? Number.NaN));
});

test("runScan() takes only items of what it is narrowed to, and those of the server", async () => {
  spool.add("user.a", messages(1));
  spool.items = [
    item("subscription", { owner: "a", key: "user.b" }),
    item("subscription", { owner: "b", key: "user.a" }),
    item("sieve", { owner: "b", key: "active" }),
    item("quota", { key: "user.a" }),
    item("quota", { key: "user.b" }),
    item("seen", { owner: "b", mailbox: IN("user.a") }),
    item("seen", { owner: "a", mailbox: IN("user.b") }),
    item("annotation", { key: "/comment", mailbox: IN("user.b") }),
    item("annotation", { key: "/motd" }),
  ].map((one) => ({ status: "read", item: one }));
  const { told } = await scan((name) => name.startsWith("user.a"));
  assert.deepEqual(told, [
    "user.a",
    "subscription||a|user.b",
    "quota|||user.a",
    "seen|user.a|b|",
    "annotation|||/motd",
  ]);
});

test("runScan() hands over annotations of live messages with their mailbox", async () => {
  const [live, gone] = messages(1, 2);
  const annotations = [1, 2, 3].map((uid) => ({ uid, entry: "/comment", value: "v" }));
  const ref = spool.add("user.a", [live!, { ...gone!, flags: EXPUNGED }], { annotations });
  spool.add("user.b", messages(1));
  const value = writeAnnotationValue("v", "64-bit little-endian", {});
  const put = [1, 2, 3].map((uid) => ({ put: `${uid}\0/comment\0\0`, value }));
  writeFileSync(bytes(ref.annotationsFile), writeFlat({ transactions: [put], tail: [] }));
  const { annotations: found, problems } = await scan();
  assert.deepEqual(
    [...found],
    [
      ["user.a", ["1 /comment=v"]],
      ["user.b", []],
    ],
  );
  assert.deepEqual(problems, []);
});

test("runScan() reads a mailbox whose annotations are damaged, and says that they are not known", async () => {
  const ref = spool.add("user.a", messages(1));
  writeFileSync(bytes(ref.annotationsFile), "not a database");
  const { annotations, problems, outcome } = await scan();
  assert.deepEqual([...annotations], [["user.a", null]]);
  assert.equal(outcome.mailboxes.read, 1);
  assert.deepEqual(
    problems.map(({ what, path }) => [what, path]),
    [["message-annotation", ref.annotationsFile]],
  );
});

test("runScan() that is stopped among the items has not finished", async () => {
  spool.add("user.a", messages(1));
  const one = { status: "read", item: item("annotation", { key: "/motd" }) } as const;
  spool.items = [one, one, one];
  const controller = new AbortController();
  const store = spool.store();
  const sink = { mailbox() {}, tombstone() {}, pending() {}, problem() {}, unreadItems() {} };
  const options = { level: "index" as const, workers: 0, niceIncrement: 0, includes: () => true, findUnlisted: false };
  let items = 0;
  const stopping = { ...sink, item: () => void (++items === 2 && controller.abort()) };
  const outcome = await runScan(store, options, stopping, { progress() {} }, controller.signal);
  assert.deepEqual([outcome.status, items], ["stopped", 2]);
});
