/**
 * What a reading of one mailbox's `cyrus.index` and `cyrus.header` may contradict itself in. Each contradiction may be
 * a writer at work, so none is a verdict: it says what it would mean if it stood still, and signs itself so that the
 * caller can tell whether it does.
 *
 * Cyrus writes cyrus.header (rename), then index records in place, then the index header
 */
import { crc32 } from "node:zlib";
import type { Counters } from "../../mail/mailbox.ts";
import type { ExpungeReading } from "./expunge-file.ts";
import type { IndexFile } from "./index-file.ts";
import type { IndexSurvey } from "./index-survey.ts";

/** One thing that does not fit. */
export interface Contradiction {
  /** What to make of it if it stands still: `counters` leaves the records readable. */
  readonly meaning: "counters" | "index-corrupt" | "header-corrupt" | "changing";
  readonly signature: string;
  /** For people. */
  readonly found: string;
}

/** Compares the header's counters with those of its records; what either does not know contradicts nothing. */
export function counterContradictions(stored: Counters, counted: Counters): Contradiction[] {
  const found: Contradiction[] = [];
  const add = (name: string, signature: string, header: number | bigint, records: number | bigint) =>
    found.push({
      meaning: "counters",
      signature: `${name}:${signature}`,
      found: `${name} is ${header} in the header and ${records} by the records`,
    });
  for (const name of ["exists", "unseen", "answered", "flagged", "deleted", "quotaUsed"] as const) {
    const header = stored[name];
    const records = counted[name];
    if (header === null || records === null || header === records) continue;
    add(name, String(BigInt(records) - BigInt(header)), header, records);
  }
  for (const name of ["syncCrcBasic", "syncCrcAnnot"] as const) {
    const header = stored[name];
    const records = counted[name];
    if (header === null || records === null || header === records) continue;
    add(name, String((header ^ records) >>> 0), header, records);
  }
  return found;
}

/** Records that fail their checksum, or contradict the header's last UID or highest modseq. */
export function recordContradictions(survey: IndexSurvey): Contradiction[] {
  const [first] = survey.faults;
  if (first === undefined) return [];
  const others = survey.faultCount > 1 ? ` (${survey.faultCount} such faults in all)` : "";
  return [
    {
      meaning: "index-corrupt",
      signature: `records:${survey.faultCount}:${survey.faultDigest}`,
      found: `the record at byte ${first.offset} (UID ${first.uid}) ${first.found}${others}`,
    },
  ];
}

/** What is expunged cannot be read: the records of the index are no worse for it. */
export function expungeContradictions(expunge: ExpungeReading | null): Contradiction[] {
  const problem = expunge?.problem ?? null;
  return problem === null ? [] : [{ meaning: "counters", signature: problem.found, found: problem.found }];
}

/** The index remembers the checksum of the `cyrus.header` that belongs to it. */
export function headerFileContradictions(index: IndexFile, headerBytes: Buffer): Contradiction[] {
  if (index.headerFileCrc === null) return [];
  const crc = crc32(headerBytes);
  if (crc === index.headerFileCrc) return [];
  return [
    {
      meaning: "index-corrupt",
      signature: `header-file-crc:${index.headerFileCrc}:${crc}`,
      found: "cyrus.header does not match header_file_crc",
    },
  ];
}
