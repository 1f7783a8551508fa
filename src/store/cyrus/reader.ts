/**
 * One attempt to read a mailbox's metadata from a live spool, without any lock: `cyrus.index`, then `cyrus.expunge` (below
 * version 12), `cyrus.header` and `cyrus.annotations`.
 *
 * A header that is the same before and after proves nothing, since records are written before it. What proves a
 * snapshot is that everything fits: the checksums, the file's length, UIDs and modseqs below the header's marks, the
 * counters and the sync CRCs counted anew, the checksum of `cyrus.header`, and the path still leading to what was read.
 * Below version 12, where there are no checksums, everything is read twice and must be the same.
 */
import { statSync } from "node:fs";
import { crc32 } from "node:zlib";
import { CorruptStoreError } from "../../errors.ts";
import type { ByteString } from "../../mail/name.ts";
import { uidOf } from "../../mail/packed-messages.ts";
import type { IndexReading, IndexSnapshot, MailboxReader, MailboxRef } from "../mail-store.ts";
import { countAnnotationCrc } from "./annotation-crc.ts";
import {
  type Contradiction,
  counterContradictions,
  expungeContradictions,
  headerFileContradictions,
  recordContradictions,
} from "./contradictions.ts";
import { type ExpungeReading, isExpungeFileUnchanged, mergeExpunged, readExpungeFile } from "./expunge-file.ts";
import { FlagSets } from "./flag-sets.ts";
import { indexExtent } from "./index-extent.ts";
import { decodeIndex, type IndexFile, OPTION_MAILBOX_DELETED, unsupportedIndex } from "./index-file.ts";
import { LONGEST_HEADER_BYTES, PREAMBLE_BYTES } from "./index-layout.ts";
import { type IndexSurvey, surveyIndex } from "./index-survey.ts";
import { type MessageAnnotationsReading, readMessageAnnotations } from "./items/message-annotations.ts";
import { decodeMailboxHeader, type MailboxHeader } from "./mailbox-header.ts";
import { isUnchanged, lstatOrNull, type MetaFileReading, readMetaFile, sameFile } from "./meta-file.ts";

/** What one read call can return; 19 million records. */
const MAX_INDEX_BYTES = 2 ** 31 - 1;
/** Thousands of times what an ACL and 128 flag names fill. */
const MAX_HEADER_BYTES = 16 * 2 ** 20;
const MAX_UID = 0xffff_ffff;

export const cyrusMailboxReader: MailboxReader = {
  readIndex,
  extentOf: indexExtent,
  messageUid,
  messageFileName,
};

type FileRead = Extract<MetaFileReading, { readonly status: "read" }>;

function readIndex(ref: MailboxRef): IndexReading {
  // Before the first byte: whatever happened until then is in the snapshot, what came later may be.
  const readAtMs = Date.now();
  const file = readMetaFile(ref.indexFile, MAX_INDEX_BYTES);
  if (file.status === "absent") return { status: "missing", path: missingPart(ref.indexFile) };
  if (file.status === "unreadable") return { status: "unreadable", path: ref.indexFile, errno: file.errno };
  if (file.status === "too-large") return { status: "unsupported", found: `cyrus.index: ${file.found}` };
  if (file.status === "not-regular") return { status: "index-corrupt", found: `cyrus.index is ${file.found}` };
  const unsupported = unsupportedIndex(file.bytes);
  if (unsupported !== null) return { status: "unsupported", found: unsupported };
  const index = decoded(() => decodeIndex(file.bytes, ref.indexFile));
  if (!index.ok) return undecodable(ref, file, index.error);
  if ((index.value.header.options & OPTION_MAILBOX_DELETED) !== 0) {
    return { status: "missing", path: directoryOf(ref.indexFile) };
  }
  return readHeader(ref, readAtMs, file, index.value);
}

/** A message file is a canonical decimal UID and a dot. @see cyrus-imapd `imap/mailbox.c`, mailbox_parse_datafilename */
function messageUid(fileName: ByteString): number | null {
  if (!/^[1-9][0-9]{0,9}\.$/.test(fileName)) return null;
  const uid = Number(fileName.slice(0, -1));
  return uid <= MAX_UID ? uid : null;
}

function messageFileName(uid: number): string {
  return `${uid}.`;
}

function readHeader(ref: MailboxRef, readAtMs: number, indexRead: FileRead, index: IndexFile): IndexReading {
  // Before the header, in which Cyrus writes first.
  const expunge = index.layout.checksums ? null : readExpungeFile(ref.expungeFile, index.header.lastUid);
  const file = readMetaFile(ref.headerFile, MAX_HEADER_BYTES);
  if (file.status === "unreadable") return { status: "unreadable", path: ref.headerFile, errno: file.errno };
  if (file.status === "not-regular") return { status: "header-corrupt", found: `cyrus.header is ${file.found}` };
  if (file.status === "too-large") return { status: "header-corrupt", found: `cyrus.header: ${file.found}` };
  // The whole mailbox may be on its way out: then the index is gone too when it is next read.
  if (file.status === "absent") return onlyHeaderWrong("gone", "cyrus.header is missing", index);
  const header = decoded(() => decodeMailboxHeader(file.bytes, ref.headerFile));
  if (!header.ok) return onlyHeaderWrong("unparsable", `cyrus.header: ${header.error.found}`, index);
  // Last: Cyrus commits it before the index.
  const annotations = readMessageAnnotations(ref);
  return judge({ ref, readAtMs, indexRead, index, expunge, headerRead: file, header: header.value, annotations });
}

/** Everything that one attempt has read. */
interface Attempt {
  readonly ref: MailboxRef;
  readonly readAtMs: number;
  readonly indexRead: FileRead;
  readonly index: IndexFile;
  /** Null: the version keeps expunged records in the index. */
  readonly expunge: ExpungeReading | null;
  readonly headerRead: FileRead;
  readonly header: MailboxHeader;
  readonly annotations: MessageAnnotationsReading;
}

function judge(attempt: Attempt): IndexReading {
  const { ref, index, header } = attempt;
  const flagSets = new FlagSets(header.flagNames);
  const survey = surveyIndex(index, flagSets);
  const counted = { ...survey.counted, syncCrcAnnot: annotationCrcOf(attempt, survey) };
  const snapshot: IndexSnapshot = {
    readAtMs: attempt.readAtMs,
    filesMtimeMs: newestMtimeMs(attempt.indexRead, attempt.headerRead, attempt.expunge?.file),
    header: index.header,
    stored: index.stored,
    counted,
    uniqueId: header.uniqueId,
    quotaRoot: header.quotaRoot,
    flagNames: header.flagNames,
    live: survey.live,
    ...expungedOf(survey, attempt.expunge),
    annotations: attempt.annotations,
  };
  const contradictions = [
    ...identityContradictions(ref, header),
    ...recordContradictions(survey),
    ...headerFileContradictions(index, attempt.headerRead.bytes),
    // Where records are unreadable the sums of the others say nothing more.
    ...(survey.faultCount > 0 ? [] : counterContradictions(index.stored, counted)),
    ...expungeContradictions(attempt.expunge),
  ];
  const changes = changesMeanwhile(attempt, contradictions.length === 0);
  if (changes === "gone") return { status: "missing", path: missingPart(ref.indexFile) };
  const all = [...contradictions, ...changes];
  if (all.length === 0) return { status: "read", snapshot };
  return {
    status: "inconsistent",
    signature: all.map(({ signature }) => signature).join(";"),
    found: all.map(({ found }) => found).join("; "),
    accept: meaningOf(all, snapshot),
  };
}

/** The CRC over annotations by what was read; null where the header has none, or they could not be read. */
function annotationCrcOf({ index, annotations }: Attempt, { annotationShare, live }: IndexSurvey): number | null {
  const stored = index.stored.syncCrcAnnot;
  if (stored === null || annotations.status !== "read" || annotations.crcs === null) return null;
  const uids = new Set<number>();
  for (let row = 0; annotations.crcs.length > 0 && row < live.count; row++) uids.add(uidOf(live, row));
  const ofLive = annotations.crcs.filter(({ uid }) => uids.has(uid));
  return countAnnotationCrc(stored, index.header.minorVersion, annotationShare, ofLive);
}

/** What is expunged by index and `cyrus.expunge`. What is live in the index is live, whatever else is left of it. */
function expungedOf(survey: IndexSurvey, expunge: ExpungeReading | null) {
  if (expunge === null || expunge.file.status === "absent") {
    return { expunged: survey.expunged, uids: survey.uids, problems: [] };
  }
  if (expunge.problem !== null) return { expunged: survey.expunged, uids: null, problems: [expunge.problem] };
  const inIndex = new Set(survey.uids);
  const moved = expunge.expunged.filter(({ uid }) => !inIndex.has(uid));
  const uids = Uint32Array.from([...inIndex, ...moved.map(({ uid }) => uid)]).sort();
  return { expunged: mergeExpunged(survey.expunged, moved), uids, problems: [] };
}

/** In the legacy layout a directory may by now hold another mailbox than the list said. */
function identityContradictions(ref: MailboxRef, header: MailboxHeader): Contradiction[] {
  if (ref.uniqueId === null || header.uniqueId === null || ref.uniqueId === header.uniqueId) return [];
  return [
    {
      meaning: "header-corrupt",
      signature: `uniqueid:${header.uniqueId}`,
      found: `cyrus.header holds mailbox ${header.uniqueId}, the mailbox list says ${ref.uniqueId}`,
    },
  ];
}

/**
 * What changed while it was read. Where checksums and counters prove the snapshot, a file that has been written to in
 * place has brought nothing but newer news; where they do not, nothing may have moved.
 */
function changesMeanwhile(attempt: Attempt, consistent: boolean): Contradiction[] | "gone" {
  const { ref, indexRead, headerRead, index } = attempt;
  const now = lstatOrNull(ref.indexFile);
  if (now === null) return "gone";
  const changing = (what: string, signature: unknown): Contradiction[] => [
    { meaning: "changing", signature: `${what}:${signature}`, found: `${what} was changed while it was read` },
  ];
  if (!sameFile(now, indexRead.after)) return changing("cyrus.index", now.ino);
  // A contradiction that stands keeps its signature, whatever else the mailbox's users do meanwhile.
  if (!consistent) return [];
  if (!isUnchanged(ref.headerFile, headerRead.after)) return changing("cyrus.header", headerRead.after.ctimeNs);
  const proved = index.layout.checksums && index.stored.syncCrcBasic !== null;
  if (proved) return [];
  if (indexRead.before.ctimeNs !== now.ctimeNs || indexRead.before.size !== now.size) {
    return changing("cyrus.index", now.ctimeNs);
  }
  if (index.layout.checksums) return [];
  // Timestamps move in ticks: two reads must give the same bytes too.
  const again = readMetaFile(ref.indexFile, MAX_INDEX_BYTES);
  const same = again.status === "read" && sameFile(again.after, now) && again.bytes.equals(indexRead.bytes);
  if (!same || again.after.mtimeNs !== now.mtimeNs) return changing("cyrus.index", now.ctimeNs);
  const expunge = attempt.expunge?.file;
  if (expunge === undefined || isExpungeFileUnchanged(ref.expungeFile, expunge)) return [];
  return changing("cyrus.expunge", expunge.status === "read" ? expunge.after.ctimeNs : expunge.status);
}

/** The gravest meaning decides; a mailbox that is another one says nothing about the index of this one. */
function meaningOf(contradictions: readonly Contradiction[], snapshot: IndexSnapshot) {
  for (const status of ["header-corrupt", "index-corrupt"] as const) {
    const grave = contradictions.filter(({ meaning }) => meaning === status);
    if (grave.length > 0) return { status, found: grave.map(({ found }) => found).join("; ") };
  }
  return { status: "read", snapshot } as const;
}

/** The index is no index: cut short while it is replaced, or for good. */
function undecodable(ref: MailboxRef, file: FileRead, error: CorruptStoreError): IndexReading {
  const now = lstatOrNull(ref.indexFile);
  if (now === null) return { status: "missing", path: missingPart(ref.indexFile) };
  const replaced = sameFile(now, file.after) ? "" : `;replaced:${now.ino}`;
  const at = error.offset === null ? "" : ` (at byte ${error.offset})`;
  const found = `cyrus.index: ${error.found}${at}`;
  return {
    status: "inconsistent",
    // Cyrus does not write to an index that it cannot open: damage leaves the header as it is, a writer does not.
    signature: `index:${error.found}:${crc32(headerPart(file.bytes))}${replaced}`,
    found,
    accept: { status: "index-corrupt", found },
  };
}

function headerPart(bytes: Buffer): Buffer {
  const startOffset = bytes.length < PREAMBLE_BYTES ? bytes.length : bytes.readUInt32BE(12);
  return bytes.subarray(0, Math.min(startOffset, LONGEST_HEADER_BYTES));
}

/** Without flag names only the sums that need none tell whether the index is sound too. */
function onlyHeaderWrong(signature: string, found: string, index: IndexFile): IndexReading {
  const inIndex = recordContradictions(surveyIndex(index, new FlagSets([])));
  const [first] = inIndex;
  const corrupt = first === undefined ? ({ status: "header-corrupt", found } as const) : indexCorrupt(first, found);
  return {
    status: "inconsistent",
    signature: [`header:${signature}`, ...inIndex.map((contradiction) => contradiction.signature)].join(";"),
    found: corrupt.found,
    accept: corrupt,
  };
}

function indexCorrupt(contradiction: Contradiction, headerFound: string) {
  return { status: "index-corrupt", found: `${contradiction.found}; ${headerFound}` } as const;
}

type Decoded<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly error: CorruptStoreError };

function decoded<T>(decode: () => T): Decoded<T> {
  try {
    return { ok: true, value: decode() };
  } catch (error) {
    if (error instanceof CorruptStoreError) return { ok: false, error };
    throw error;
  }
}

function newestMtimeMs(...files: readonly (MetaFileReading | undefined)[]): number {
  const times = files.map((file) => (file?.status === "read" ? Number(file.after.mtimeNs / 1_000_000n) : 0));
  return Math.max(...times);
}

/** The directory of `path` if that is gone, else `path` itself. */
function missingPart(path: ByteString): ByteString {
  const directory = directoryOf(path);
  try {
    return statSync(Buffer.from(directory, "latin1")).isDirectory() ? path : directory;
  } catch {
    return directory;
  }
}

function directoryOf(path: ByteString): ByteString {
  return path.slice(0, Math.max(path.lastIndexOf("/"), 1));
}
