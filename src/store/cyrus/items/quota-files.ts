/**
 * Quota roots, each a file of its own (back end `quotalegacy`):
 *
 *   CONFIG/quota/H/ROOT
 *   CONFIG/domain/H/DOMAIN/quota/H/ROOT     with virtual domains: the root `DOMAIN!ROOT`
 *   CONFIG/domain/H/DOMAIN/quota/root       that of the whole domain: `DOMAIN!`
 *
 * H is a letter made of ROOT's second part. A file is written as ROOT.NEW and renamed.
 *
 * @see cyrus-imapd `lib/cyrusdb_quotalegacy.c`, hash_quota
 */
import type { ReadProblem } from "../../../mail/mailbox.ts";
import { type ByteString, compareNames } from "../../../mail/name.ts";
import { type CyrusConfig, mayHaveDomains } from "../config.ts";
import { hashLetter } from "../layout.ts";
import { lstatOrNull, readMetaFile } from "../meta-file.ts";
import { listDirectory } from "./list-directory.ts";
import { decodeQuota, type Quota } from "./quota.ts";
import { failureOf, itemsProblem, type Optional } from "./read-optional.ts";

/** A quota root's file. */
export interface QuotaFile {
  readonly root: ByteString;
  readonly path: ByteString;
}

/** A quota root and when its file was last written, in seconds since 1970. */
export interface QuotaReading extends Quota {
  readonly mtime: number;
}

const WHOLE_DOMAIN = "root";
const MAX_QUOTA_BYTES = 64 * 1024;

/** Finds the files of all quota roots, in order of roots, and what of the directories could not be listed. */
export function findQuotaFiles(config: CyrusConfig): { files: QuotaFile[]; problems: ReadProblem[] } {
  const found = new Map<ByteString, QuotaFile>();
  const problems: ReadProblem[] = [];
  const list = (path: ByteString) => listDirectory(path, problems);
  const take = (directory: ByteString, prefix: ByteString) => {
    for (const letter of list(directory).filter((name) => name.length === 1)) {
      for (const file of list(`${directory}/${letter}`)) {
        const root = prefix + file;
        const right = hashLetters(config, file).includes(letter);
        // After a change of hashing a root may be there twice: then the server uses the one in its right place.
        if (!file.endsWith(".NEW") && (right || !found.has(root))) {
          found.set(root, { root, path: `${directory}/${letter}/${file}` });
        }
      }
    }
  };
  take(`${config.configDirectory}/quota`, "");
  if (mayHaveDomains(config)) {
    const domains = `${config.configDirectory}/domain`;
    for (const letter of list(domains)) {
      for (const domain of list(`${domains}/${letter}`)) {
        const directory = `${domains}/${letter}/${domain}/quota`;
        take(directory, `${domain}!`);
        const path = `${directory}/${WHOLE_DOMAIN}`;
        if (lstatOrNull(path) !== null) found.set(`${domain}!`, { root: `${domain}!`, path });
      }
    }
  }
  return { files: [...found.values()].sort((a, b) => compareNames(a.root, b.root)), problems };
}

/** Reads one quota root. */
export function readQuotaFile(path: ByteString): Optional<QuotaReading> {
  const file = readMetaFile(path, MAX_QUOTA_BYTES);
  if (file.status === "absent") return file;
  if (file.status === "unreadable") {
    return { status: "unread", problem: itemsProblem(path, file.errno, `the system refuses it (${file.errno})`) };
  }
  if (file.status !== "read") return { status: "unread", problem: itemsProblem(path, null, file.found) };
  try {
    const mtime = Number(file.after.mtimeNs / 1_000_000_000n);
    return { status: "read", value: { ...decodeQuota(file.bytes.toString("latin1"), path), mtime } };
  } catch (error) {
    return failureOf(error, path);
  }
}

function hashLetters({ fullDirHash }: CyrusConfig, file: ByteString): string[] {
  const part = file.slice(file.indexOf(".") + 1);
  const full = fullDirHash === null ? [false, true] : [fullDirHash];
  return full.flatMap((hash) => [hashLetter(part.replaceAll("^", "."), hash), hashLetter(part, hash)]);
}
