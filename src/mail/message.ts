/**
 * What is known of one live message: its record in the mailbox index and what its file turned out to be. `null` is
 * "the store or the level cannot say", never a value.
 */
export interface Message {
  readonly uid: number;
  /** What the index says the file's size is, in bytes. */
  readonly sizeBytes: bigint;
  /** Seconds since 1970. */
  readonly internalDate: number;
  /** Seconds since 1970 of the record's last change. */
  readonly lastUpdated: number;
  readonly modseq: bigint | null;
  /** What the index says of the content, see `mail/guid.ts`; null where the version has none or it is all zero. */
  readonly guid: Uint8Array | null;
  /** Canonical text, see `mail/flags.ts`. */
  readonly flags: string;
  readonly saveDate: number | null;
  readonly createdModseq: bigint | null;
  /** Conversation id, 8 bytes. */
  readonly cid: Uint8Array | null;
  /** Id of the conversation that this one was split off from, 8 bytes. */
  readonly baseCid: Uint8Array | null;
  readonly file: FileReading;
}

/** What was learnt of a message file. Fields are null where the level did not ask or the file did not answer. */
export interface FileReading {
  /** null: nothing wrong was met (which at level `index` means that nobody looked). */
  readonly problem: FileProblem | null;
  readonly sizeBytes: bigint | null;
  readonly md5: Uint8Array | null;
  readonly sha1: Uint8Array | null;
  /** 8 bytes, big-endian. */
  readonly xxh64: Uint8Array | null;
}

/**
 * `missing`: no such file. `not-regular`: a symlink, directory, FIFO or device stands there. `unreadable`: the system
 * refused. `unstable`: it kept changing while it was read.
 */
export const FILE_PROBLEMS = ["missing", "not-regular", "unreadable", "unstable"] as const;
export type FileProblem = (typeof FILE_PROBLEMS)[number];

/** A record whose message was expunged but whose record is still held. */
export interface ExpungedMessage {
  readonly uid: number;
  readonly modseq: bigint | null;
  readonly lastUpdated: number;
  readonly guid: Uint8Array | null;
}

/** Nothing was looked at: the reading of every file at level `index`. */
export const NOT_LOOKED_AT: FileReading = { problem: null, sizeBytes: null, md5: null, sha1: null, xxh64: null };

/** How deep a scan looks, from least to most. Each level answers all that the ones before it do. */
export const LEVELS = ["index", "stat", "quick", "full"] as const;
export type Level = (typeof LEVELS)[number];

/** True if `level` looks at least as deep as `needed`. */
export function levelReaches(level: Level, needed: Level): boolean {
  return LEVELS.indexOf(level) >= LEVELS.indexOf(needed);
}
