/** `cyrus.index` of every version, and `cyrus.expunge`, which has its form. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { crc32 } from "node:zlib";
import { CorruptStoreError } from "../../../src/errors.ts";
import { counterContradictions } from "../../../src/store/cyrus/contradictions.ts";
import { decodeExpunged } from "../../../src/store/cyrus/expunge-file.ts";
import { FlagSets } from "../../../src/store/cyrus/flag-sets.ts";
import { decodeIndex, unsupportedIndex } from "../../../src/store/cyrus/index-file.ts";
import { INDEX_LAYOUTS, indexLayout, PREAMBLE_BYTES } from "../../../src/store/cyrus/index-layout.ts";
import { surveyIndex } from "../../../src/store/cyrus/index-survey.ts";
import { unpackFixture } from "../../support/fixtures.ts";
import { EXPUNGED, WRITABLE_VERSIONS, writeIndex } from "../../support/index-writer.ts";
import { type FuzzTarget, type Reading, type Structure, sound } from "../target.ts";

/** Of the mailboxes of the fixture no more flags are in use. */
const FLAG_NAMES = ["$Forwarded", null, "$Label1", "Junk"];

function readIndex(bytes: Buffer): Reading {
  const unsupported = unsupportedIndex(bytes);
  if (unsupported !== null) throw new CorruptStoreError("/index", unsupported);
  const index = decodeIndex(bytes, "/index");
  const survey = surveyIndex(index, new FlagSets(FLAG_NAMES));
  const { header, stored, headerFileCrc } = index;
  // The sync CRC needs the flag names of each mailbox; it is not what protects the bytes.
  const counters = counterContradictions({ ...stored, syncCrcBasic: null }, survey.counted);
  const marked = survey.faultCount > 0 || counters.length > 0;
  return { value: { header, stored, headerFileCrc, survey }, marked };
}

/** Offsets and lengths as the bytes themselves have them, as far as they make sense. */
function structureOf(bytes: Buffer): Structure {
  const layout = layoutOf(bytes);
  if (layout === null) return { fields: [], blocks: [] };
  const words = (from: number, to: number) =>
    Array.from({ length: Math.max(0, to - from) >> 2 }, (_, i) => ({ at: from + 4 * i, width: 4 as const }));
  const count = Math.floor((bytes.length - layout.startOffset) / layout.recordSize);
  const blocks = Array.from({ length: Math.max(0, count) }, (_, i) => ({
    at: layout.startOffset + i * layout.recordSize,
    length: layout.recordSize,
  }));
  const preamble = words(0, PREAMBLE_BYTES);
  const first = words(layout.startOffset, Math.min(bytes.length, layout.startOffset + 2 * layout.recordSize));
  return { fields: [...preamble, ...preamble, ...words(PREAMBLE_BYTES, layout.startOffset), ...first], blocks };
}

function layoutOf(bytes: Buffer) {
  return bytes.length < PREAMBLE_BYTES ? null : indexLayout(bytes.readUInt32BE(8));
}

function reseal(bytes: Buffer): void {
  const layout = layoutOf(bytes);
  if (layout?.checksums !== true) return;
  for (let start = 0, end = layout.startOffset; end <= bytes.length; start = end, end += layout.recordSize) {
    bytes.writeUInt32BE(crc32(bytes.subarray(start, end - 4)), end - 4);
  }
}

function sealedBytes(bytes: Buffer): number {
  const layout = layoutOf(bytes);
  return layout === null ? 0 : layout.startOffset + bytes.readUInt32BE(20) * layout.recordSize;
}

/** The indexes of fixture d: what Cyrus 3.6 wrote as versions 6 to 17. */
function fixtureIndexes(): Buffer[] {
  const fixture = unpackFixture("d-index-versions");
  try {
    return readdirSync(fixture.root, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.name === "cyrus.index")
      .map((entry) => readFileSync(join(entry.parentPath, entry.name)));
  } finally {
    fixture.cleanup();
  }
}

/** Versions of which there is no server here are written from the specification. */
function writtenIndexes(): Buffer[] {
  return WRITABLE_VERSIONS.filter((version) => version >= 12).map((version) =>
    writeIndex({
      version,
      flagNames: FLAG_NAMES,
      records: [
        { uid: 1, size: 1200, modseq: 4, flags: 0x11, guid: "ab".repeat(20), internalDate: 1_700_000_000 },
        { uid: 2, size: 70_000, modseq: 9, flags: EXPUNGED, guid: "cd".repeat(20), lastUpdated: 1_700_000_100 },
        { uid: 9, size: 300, modseq: 7, userFlags: [0, 3], cid: 0xfedcba9876543210n, saveDate: 1_700_000_200 },
      ],
    }),
  );
}

const byVersion = INDEX_LAYOUTS.map(
  ({ minorVersion, checksums }): FuzzTarget => ({
    name: `index-v${minorVersion}`,
    corpus: () => [...fixtureIndexes(), ...writtenIndexes()].filter((bytes) => bytes.readUInt32BE(8) === minorVersion),
    refusals: [CorruptStoreError],
    read: readIndex,
    structure: structureOf,
    ...(checksums ? { reseal, sealedBytes } : {}),
  }),
);

export const indexTargets: readonly FuzzTarget[] = [
  ...byVersion,
  {
    name: "expunge",
    corpus: () => fixtureIndexes().filter((bytes) => bytes.readUInt32BE(8) < 12),
    refusals: [CorruptStoreError],
    read: (bytes) => sound(decodeExpunged(bytes, "/expunge", 0xffff_ffff)),
    structure: structureOf,
  },
];
