/** The back ends of cyrusdb. */
import { readFileSync } from "node:fs";
import { crc32 } from "node:zlib";
import { CorruptStoreError } from "../../../src/errors.ts";
import { decodeFlat } from "../../../src/store/cyrus/cyrusdb/flat.ts";
import { decodeSkiplist } from "../../../src/store/cyrus/cyrusdb/skiplist.ts";
import { decodeTwom, TWOM_HEADER_BYTES } from "../../../src/store/cyrus/cyrusdb/twom.ts";
import { decodeTwoskip } from "../../../src/store/cyrus/cyrusdb/twoskip.ts";
import { xxh3 } from "../../../src/store/cyrus/cyrusdb/xxh3.ts";
import { type History, writeFlat, writeSkiplist, writeTwom, writeTwoskip } from "../../support/cyrusdb-writer.ts";
import { type FuzzTarget, type Structure, sound } from "../target.ts";

const fixture = (name: string) => readFileSync(new URL(`../../fixtures/cyrusdb/${name}`, import.meta.url));

/** Puts, replaces, deletes, and a transaction under way. */
const HISTORY: History = {
  transactions: [
    [
      { put: "user.alice", value: "%(I a P default)" },
      { put: "user.bob", value: "\0\t\r\n\xff" },
    ],
    [{ put: "user.alice", value: "x".repeat(300) }, { delete: "user.bob" }],
    [{ put: "user.carol.Sent", value: "" }],
  ],
  tail: [{ delete: "user.alice" }, { put: "user.dora", value: "unfinished" }],
};

/** One record that is nearly the whole file, among small ones. */
const LARGE: History = {
  transactions: [
    [{ put: "a", value: "1" }],
    [{ put: "b", value: "v".repeat(60_000) }],
    ["c", "d", "e"].map((put) => ({ put, value: put })),
  ],
  tail: [],
};

/** Where the records of a twoskip file begin, by a plain walk that takes every length as it is. */
function twoskipRecords(bytes: Buffer): { at: number; headEnd: number; end: number }[] {
  const records: { at: number; headEnd: number; end: number }[] = [];
  for (let at = 64; at + 24 <= bytes.length; ) {
    const headEnd = at + 8 + 8 * (bytes.readUInt8(at + 1) + 1);
    const length = bytes.readUInt16BE(at + 2) + bytes.readUInt32BE(at + 4);
    const end = headEnd + 8 + Math.ceil(length / 8) * 8;
    if (end > bytes.length) break;
    records.push({ at, headEnd, end });
    at = end;
  }
  return records;
}

function twoskipStructure(bytes: Buffer): Structure {
  const records = twoskipRecords(bytes);
  const fields = records.flatMap(({ at }) => [
    { at, width: 1 as const },
    { at: at + 1, width: 1 as const },
    { at: at + 2, width: 2 as const },
    { at: at + 4, width: 4 as const },
  ]);
  const header = [32, 40, 48].map((at) => ({ at, width: 8 as const }));
  return {
    fields: [...header, ...fields],
    // The two for the lowest list, which are the ones that a reader follows.
    pointers: records.flatMap(({ at }) => [at + 8, at + 16]),
    blocks: records.map(({ at, end }) => ({ at, length: end - at })),
  };
}

function resealTwoskip(bytes: Buffer): void {
  for (const { at, headEnd, end } of twoskipRecords(bytes)) {
    bytes.writeUInt32BE(crc32(bytes.subarray(at, headEnd)), headEnd);
    bytes.writeUInt32BE(crc32(bytes.subarray(headEnd + 8, end)), headEnd + 4);
  }
  if (bytes.length >= 64) bytes.writeUInt32BE(crc32(bytes.subarray(0, 60)), 60);
}

/** Records of a twom file, as {@link twoskipRecords}. */
function twomRecords(bytes: Buffer): { at: number; headEnd: number; end: number }[] {
  const records: { at: number; headEnd: number; end: number }[] = [];
  for (let at = TWOM_HEADER_BYTES; at + 24 <= bytes.length; ) {
    const type = bytes.readUInt8(at);
    const fat = type === 3 || type === 5;
    const keyed = type >= 2 && type <= 5;
    const headEnd =
      at + 8 + (fat ? 16 : 0) + (type >= 4 && type <= 7 ? 8 : 0) + (type < 6 ? 8 * (bytes.readUInt8(at + 1) + 1) : 0);
    const length = fat
      ? bytes.readUInt32LE(at + 8) + bytes.readUInt32LE(at + 16)
      : bytes.readUInt16LE(at + 2) + bytes.readUInt32LE(at + 4);
    const end = headEnd + 8 + (keyed ? Math.ceil((length + 2) / 8) * 8 : 0);
    if (type < 1 || type > 7 || end > bytes.length) break;
    records.push({ at, headEnd, end });
    at = end;
  }
  return records;
}

function twomStructure(bytes: Buffer): Structure {
  const records = twomRecords(bytes);
  const fields = records.flatMap(({ at }) => [
    { at, width: 1 as const },
    { at: at + 1, width: 1 as const },
    { at: at + 2, width: 2 as const },
    { at: at + 4, width: 4 as const },
    { at: at + 8, width: 8 as const },
    { at: at + 16, width: 8 as const },
  ]);
  const header = [36, 48, 56, 64, 80, 88].map((at) => ({ at, width: 8 as const }));
  return { fields: [...header, ...fields], blocks: records.map(({ at, end }) => ({ at, length: end - at })) };
}

function resealTwom(bytes: Buffer): void {
  const seal = (from: number, to: number, at: number) =>
    bytes.writeUInt32LE(Number(xxh3(bytes.subarray(from, to)) & 0xffff_ffffn), at);
  for (const { at, headEnd, end } of twomRecords(bytes)) {
    seal(at, headEnd, headEnd);
    if (end > headEnd + 8) seal(headEnd + 8, end, headEnd + 4);
  }
  if (bytes.length >= TWOM_HEADER_BYTES) seal(0, TWOM_HEADER_BYTES - 4, TWOM_HEADER_BYTES - 4);
}

/** Every word of a skiplist file is a type, a length, an offset, or text that may well be taken for one. */
function skiplistStructure(bytes: Buffer): Structure {
  const words = Array.from({ length: bytes.length >> 2 }, (_, i) => ({ at: 4 * i, width: 4 as const }));
  const starts = words.filter(({ at }) => at >= 48 && [1, 2, 4, 255].includes(bytes.readUInt32BE(at)));
  const blocks = starts.map(({ at }, i) => ({ at, length: (starts[i + 1]?.at ?? bytes.length) - at }));
  return { fields: words, blocks };
}

/** Lines of a text file, with their ends. */
export function linesOf(bytes: Buffer): Structure {
  const blocks: { at: number; length: number }[] = [];
  for (let at = 0; at < bytes.length; ) {
    const end = bytes.indexOf(0x0a, at);
    const length = (end < 0 ? bytes.length : end + 1) - at;
    blocks.push({ at, length });
    at += length;
  }
  return { fields: [], blocks };
}

export const cyrusdbTargets: readonly FuzzTarget[] = [
  {
    name: "twoskip",
    corpus: () => [
      fixture("3.6-a-legacy-replica.twoskip"),
      fixture("3.6-b-uuid-primary.twoskip"),
      writeTwoskip(HISTORY),
      writeTwoskip({ ...HISTORY, tail: [] }),
      writeTwoskip(LARGE),
    ],
    refusals: [CorruptStoreError],
    read: (bytes) => sound(decodeTwoskip(bytes, "/db")),
    structure: twoskipStructure,
    reseal: resealTwoskip,
    sealedBytes: () => 64,
  },
  {
    name: "skiplist",
    corpus: () => [
      fixture("3.6-conversations.skiplist"),
      writeSkiplist(HISTORY),
      writeSkiplist({ ...HISTORY, tail: [] }),
      writeSkiplist(LARGE),
    ],
    refusals: [CorruptStoreError],
    read: (bytes) => sound(decodeSkiplist(bytes, "/db")),
    structure: skiplistStructure,
  },
  {
    name: "twom",
    corpus: () => [writeTwom(HISTORY), writeTwom({ ...HISTORY, tail: [] }, { fat: true }), writeTwom(LARGE)],
    refusals: [CorruptStoreError],
    read: (bytes) => sound(decodeTwom(bytes, "/db")),
    structure: twomStructure,
    reseal: resealTwom,
    sealedBytes: () => TWOM_HEADER_BYTES,
  },
  {
    name: "twom-without-checksums",
    corpus: () => [writeTwom(HISTORY, { checksums: false }), writeTwom(LARGE, { checksums: false, fat: true })],
    refusals: [CorruptStoreError],
    read: (bytes) => sound(decodeTwom(bytes, "/db")),
    structure: twomStructure,
  },
  {
    name: "flat",
    corpus: () => [fixture("3.6-sub.flat"), writeFlat(HISTORY)],
    refusals: [CorruptStoreError],
    read: (bytes) => sound(decodeFlat(bytes, "/db")),
    structure: linesOf,
    tokens: ["\t", "\n", "\xff", "\xff\x89", "\0", "\r"],
  },
];
