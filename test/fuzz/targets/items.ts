/** What belongs to a user or to a message: seen states, subscriptions, quota, annotations, scripts. */
import { mkdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { crc32 } from "node:zlib";
import { CorruptStoreError } from "../../../src/errors.ts";
import { decodeFlat } from "../../../src/store/cyrus/cyrusdb/flat.ts";
import { decodeAnnotation } from "../../../src/store/cyrus/items/annotation.ts";
import { annotationItem } from "../../../src/store/cyrus/items/annotation-item.ts";
import { decodeMessageAnnotations } from "../../../src/store/cyrus/items/message-annotations.ts";
import { decodeHighestModseq } from "../../../src/store/cyrus/items/modseq-counter.ts";
import { decodeQuota } from "../../../src/store/cyrus/items/quota.ts";
import { decodeSeenStates } from "../../../src/store/cyrus/items/seen-state.ts";
import { decodeSieveMessage } from "../../../src/store/cyrus/items/sieve-message.ts";
import { readSieveScripts } from "../../../src/store/cyrus/items/sieve-scripts.ts";
import { decodeSubscriptions } from "../../../src/store/cyrus/items/subscriptions.ts";
import { canonicalSequence } from "../../../src/store/cyrus/items/uid-sequence.ts";
import { writeAnnotationValue } from "../../store/cyrus/items/annotation-writer.ts";
import { type FuzzTarget, sound } from "../target.ts";
import { linesOf } from "./cyrusdb.ts";
import { scratchDirectory } from "./scratch.ts";
import { flatOf } from "./text.ts";

const COMMENT = "/comment\0";

/** Annotations of every shape, of what `where` stands for. */
function annotations(...where: string[]): Buffer {
  const entries = where.flatMap((key, i): [string, string][] => [
    [`${key}\0${COMMENT}\0`, writeAnnotationValue("shared", "64-bit little-endian", { modseq: 7n + BigInt(i) })],
    [`${key}\0${COMMENT}alice\0`, writeAnnotationValue("x".repeat(2000), "32-bit", {})],
    [`${key}\0${COMMENT}[.OwNeR.]\0`, writeAnnotationValue("own", "64-bit big-endian", { modseq: 9n, flags: 1 })],
  ]);
  return flatOf(entries);
}

const ANNOTATION_TOKENS = ["\xff\x80", "\t", "\n", "/", "text/plain", "\xff\x80\xff\x80\xff\x80\xff\x80"];

function subscriptions(version: string | null): Buffer {
  const keys = version === null ? ["user.alice.Sent", "user.bob"] : ["NINBOX", "NINBOXhew", "Nuser\x1fbob"];
  const record = version === null ? [] : [["\x1fVER\x1f", version] as const];
  return flatOf([...record, ...keys.map((key) => [key, ""] as const)]);
}

/** The file of a user's counters. */
function counters(length: number): Buffer {
  const bytes = Buffer.alloc(length);
  bytes.writeUInt32BE(length === 48 ? 0 : 9, 4);
  bytes.writeBigUInt64BE(4711n, 8);
  resealCounters(bytes);
  return bytes;
}

function resealCounters(bytes: Buffer): void {
  if (bytes.length >= 4) bytes.writeUInt32BE(crc32(bytes.subarray(0, -4)), bytes.length - 4);
}

/** Lines of a directory of scripts: where the active link leads, then names of files. */
function readScripts(bytes: Buffer) {
  const directory = join(scratchDirectory(), "sieve");
  rmSync(directory, { recursive: true, force: true });
  mkdirSync(directory);
  const [link = "", ...names] = bytes.toString("latin1").split("\n").slice(0, 12);
  for (const name of [link, ...names]) if (/[\0/]|^\.{0,2}$/.test(name) || name.length > 255) return sound(null);
  symlinkSync(Buffer.from(link, "latin1"), join(directory, "defaultbc"));
  for (const name of names) {
    writeFileSync(Buffer.concat([Buffer.from(`${directory}/`), Buffer.from(name, "latin1")]), bytes);
  }
  return sound(readSieveScripts(directory, "alice", true));
}

export const itemTargets: readonly FuzzTarget[] = [
  {
    name: "seen",
    corpus: () => [
      flatOf([
        ["abc-def", "1 1700000000 12 1700000000 1:3,7,9:12"],
        ["0123456789abcdef", "1 1700000000 0 1700000000 "],
      ]),
    ],
    refusals: [CorruptStoreError],
    read: (bytes) => sound(decodeSeenStates(decodeFlat(bytes, "/seen"), "/seen")),
    structure: linesOf,
    tokens: [":", ",", "*", "1:4294967295,", "\t", "\n", " "],
  },
  {
    name: "uid-sequence",
    corpus: () => [Buffer.from("1:3,7,9:12,20:*")],
    refusals: [],
    read: (bytes) => sound(canonicalSequence(bytes.toString("latin1"), 40)),
    tokens: [":", ",", "*", "1:4294967295,", "0", "4294967296"],
  },
  {
    name: "subscriptions",
    corpus: () => [subscriptions(null), subscriptions("2"), subscriptions("3")],
    refusals: [CorruptStoreError],
    read: (bytes) => sound(decodeSubscriptions(decodeFlat(bytes, "/sub"), "matt", "/sub")),
    structure: linesOf,
    tokens: ["NINBOX", "\x1f", "\x1d", "!", "\t", "\n", "N"],
  },
  {
    name: "quota",
    corpus: () =>
      ["12345\n1000\n", "12345 -1", "%(S (123 1000) M (5 100) AS (0) NF (2) MODSEQ 9)"].map((t) => Buffer.from(t)),
    refusals: [CorruptStoreError],
    read: (bytes) => sound(decodeQuota(bytes.toString("latin1"), "/quota")),
    tokens: ["(", ")", "%(", " ", "NIL", "-", "{9}\r\n", "MODSEQ", "S"],
  },
  {
    name: "annotations",
    corpus: () => [annotations("", "user.alice", "0123456789abcdef")],
    refusals: [CorruptStoreError],
    read: (bytes) =>
      sound(
        decodeFlat(bytes, "/annotations")
          .map((entry) => decodeAnnotation(entry, "/annotations"))
          .map((annotation) => annotation && annotationItem(annotation, "user.alice", null)),
      ),
    structure: linesOf,
    tokens: ANNOTATION_TOKENS,
  },
  {
    name: "message-annotations",
    corpus: () => [annotations("0", "1", "4294967295")],
    refusals: [CorruptStoreError],
    read: (bytes) => sound(decodeMessageAnnotations(decodeFlat(bytes, "/annotations"), "user.alice", "/annotations")),
    structure: linesOf,
    tokens: ANNOTATION_TOKENS,
  },
  {
    name: "modseq-counter",
    corpus: () => [counters(48), counters(296)],
    refusals: [],
    read: (bytes) => {
      const value = decodeHighestModseq(bytes);
      return { value, marked: value === null };
    },
    reseal: resealCounters,
    sealedBytes: (bytes) => bytes.length,
  },
  {
    name: "sieve-message",
    corpus: () =>
      [
        "Subject: main\r\nFrom: <a@b>\r\n\r\nkeep;\r\n",
        "From: a\r\nSubject: =?utf-8?q?a=20b?=\r\n =?UTF-8?B?w6Q=?=\r\n\r\n",
      ].map((text) => Buffer.from(text)),
    refusals: [],
    read: (bytes) => sound(decodeSieveMessage(bytes)),
    structure: linesOf,
    tokens: ["Subject: ", "\r\n ", "\r\n\r\n", "=?", "?=", "?q?", "?b?", "=?utf-8?q?", "=", " ", "_"],
  },
  {
    name: "sieve",
    corpus: () => [Buffer.from("main.bc\nmain.script\nmain.bc\nvacation.script")],
    refusals: [],
    read: readScripts,
    structure: linesOf,
    tokens: ["/", ".script", ".bc", "\n", "..", "\xff", "\x1b"],
  },
];
