/** However a spool is read, what is found is the same to the last byte: the numbers of threads, and each level. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { chmodSync, mkdirSync, rmSync, symlinkSync, truncateSync } from "node:fs";
import { after, before, test } from "node:test";
import type { MailboxReading } from "../../src/mail/mailbox.ts";
import { LEVELS, type Level } from "../../src/mail/message.ts";
import { type PackedMessages, STAT_BYTES } from "../../src/mail/packed-messages.ts";
import { runScan } from "../../src/scan/scan.ts";
import { ARCHIVED } from "../support/index-writer.ts";
import { type TestMessage, TestSpool } from "./test-spool.ts";

/** More messages than a task has, in mailboxes of very different sizes. */
const SIZES = [700, 0, 1, 3, 400, 150, ...Array(40).fill(11)] as const;
/** Lengths around which a block, a page, a piece and a whole file end; and each of the short ones. */
const EDGES = [4096, 65_536, 768 << 10, 1 << 20, 4 << 20].flatMap((n) => [n - 1, n, n + 1]);
const NOISE = randomBytes(3 << 20).toString("hex");

let spool: TestSpool;
before(() => {
  spool = new TestSpool();
  for (const [i, count] of SIZES.entries()) {
    const bodies = Array.from({ length: count }, (_, n) => NOISE.slice(n, n + ((n * 7919 + i * 31) % 9000)));
    spool.add(`user.u${String(i).padStart(3, "0")}`, mailOf(bodies));
  }
  const lengths = [...Array(201).keys(), ...EDGES];
  spool.add("user.lengths", mailOf(lengths.map((length) => NOISE.slice(0, length))));
  spool.add("user.caf\xe9", mailOf(["one", "two"]));
  addHostile();
});
after(() => spool.remove());

for (const workers of [1, 2, 8, "auto"] as const) {
  test(`runScan() finds with ${workers} workers what it finds with none`, async () => {
    assert.deepEqual(await findings("full", workers), await expected("full"));
  });
}

for (const level of LEVELS.filter((name) => name !== "full")) {
  test(`runScan() finds at level ${level} with two workers what it finds with none`, async () => {
    assert.deepEqual(await findings(level, 2), await expected(level));
  });
}

test("runScan() finds at each level what the ones below it find, and nothing but what it looked at", async () => {
  const [index, stat, quick, full] = await Promise.all(LEVELS.map((level) => expected(level)));
  for (const [i, { core, ext, stat: statRows }] of full!.entries()) {
    for (const other of [index!, stat!, quick!]) assert.deepEqual([other[i]!.core, other[i]!.ext], [core, ext]);
    // Of a file that is not digested nothing is known but its size: what stands in its place at other levels is not said.
    if (!full![i]!.name.startsWith("user.hostile")) assert.equal(quick![i]!.stat, statRows);
  }
  assert.ok(full!.some(({ problems }) => problems.length > 0));
});

function mailOf(bodies: readonly string[]): TestMessage[] {
  return bodies.map((body, n) => ({ uid: n * 2 + 1, body }));
}

/** Files that are not as they should be, beside some that are. */
function addHostile(): void {
  const names = ["sound", "link", "fifo", "directory", "short", "gone", "other", "refused", "archived", "last"];
  const mail = mailOf(names).map((message) => ({
    ...message,
    ...(message.body === "other" ? { file: "OTHER" } : {}),
    ...(message.body === "archived" ? { flags: ARCHIVED, inArchive: true } : {}),
  }));
  const ref = spool.add("user.hostile", mail);
  const path = (name: string) => `${ref.messageDirectories[0]}/${names.indexOf(name) * 2 + 1}.`;
  for (const name of ["link", "fifo", "directory", "gone"]) rmSync(path(name));
  symlinkSync("/etc/hostname", path("link"));
  execFileSync("mkfifo", [path("fifo")]);
  mkdirSync(path("directory"));
  truncateSync(path("short"), 2);
  chmodSync(path("refused"), 0);
}

interface Finding extends Omit<MailboxReading, "messages" | "readAtMs" | "trace"> {
  readonly core: string;
  readonly ext: string;
  readonly content: string;
  readonly stat: string;
}

const known = new Map<Level, Promise<Finding[]>>();

/** What is found in this thread, mailbox by mailbox. */
function expected(level: Level): Promise<Finding[]> {
  const found = known.get(level) ?? findings(level, 0);
  known.set(level, found);
  return found;
}

async function findings(level: Level, workers: number | "auto"): Promise<Finding[]> {
  const readings: MailboxReading[] = [];
  const ignored = () => {};
  const sink = { tombstone: ignored, pending: ignored, problem: ignored, item: ignored, unreadItems: ignored };
  await runScan(
    spool.store(),
    { level, workers, niceIncrement: 0, includes: () => true, findUnlisted: true },
    { ...sink, mailbox: (reading) => readings.push(reading) },
    { progress: ignored },
    new AbortController().signal,
  );
  assert.equal(readings.length, spool.list.size);
  return readings.map(({ messages, readAtMs: _, trace: __, ...rest }) => {
    const { core, ext, content } = messages;
    return { ...rest, core: hex(core), ext: hex(ext), content: hex(content), stat: hex(statsOf(messages)) };
  });
}

/** The stats without when they were taken. */
function statsOf({ stat, count }: PackedMessages): Uint8Array {
  const copy = Uint8Array.from(stat);
  for (let row = 0; row < count; row++) {
    copy[row * STAT_BYTES] = (copy[row * STAT_BYTES] ?? 0) & 1;
    copy.fill(0, row * STAT_BYTES + 34, (row + 1) * STAT_BYTES);
  }
  return copy;
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("hex");
}
