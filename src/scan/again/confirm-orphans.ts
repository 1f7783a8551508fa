import type { OrphanFile, ReadProblem } from "../../mail/mailbox.ts";
import type { ReadCounts } from "../read-counts.ts";
import { lookAtIndex } from "../read-index.ts";
import type { ScanTools } from "../scan-mailbox.ts";
import type { OrphanCandidate, OrphanItem, OrphanOutcome } from "../scan-task.ts";
import { readLimit } from "./repeated-file-looks.ts";

/** What a message file may be long before version 20 of the index; an orphan's true size is known nowhere. */
const LARGEST_MESSAGE = 1n << 32n;

/**
 * Looks again at files that no record accounted for, after a newer look at the index: those that have been appended or
 * cleaned up meanwhile are no orphans.
 */
export function confirmOrphans(tools: ScanTools, item: OrphanItem): OrphanOutcome {
  const index = lookAtIndex(tools.reader, item.ref, item.contradiction);
  // Gone, or another mailbox by now: then its files were on their way out when they were seen.
  if (index.status === "missing") return { orphans: [], problems: [], bytesRead: 0n, filesRead: 0 };
  if (index.status !== "read") {
    const found = "no record accounted for it, and the index could not be read again to confirm that";
    const problems = item.candidates.map((candidate) => problemOf(candidate, null, found));
    return { orphans: [], problems, bytesRead: 0n, filesRead: 0 };
  }
  // Where it is not known what is expunged, none of its files can be called an orphan.
  if (index.snapshot.uids === null) return { orphans: [], problems: [], bytesRead: 0n, filesRead: 0 };
  const accounted = new Set(index.snapshot.uids);
  return lookAtOrphans(
    tools,
    item.candidates.filter(({ uid }) => !accounted.has(uid)),
  );
}

function lookAtOrphans({ files }: ScanTools, candidates: readonly OrphanCandidate[]): OrphanOutcome {
  const orphans: OrphanFile[] = [];
  const problems: ReadProblem[] = [];
  const counts: ReadCounts = { bytesRead: 0, filesRead: 0 };
  const wish = { maxBytes: readLimit(LARGEST_MESSAGE / 4n), fresh: false, counts };
  for (const { uid, path } of candidates) {
    files.look(path, wish, ({ file, errno, found }) => {
      const { problem, sizeBytes, md5, sha1, xxh64 } = file;
      // Sub-mailboxes are sub-directories; one that is called like a message is no message.
      if (problem === "not-regular" && found?.startsWith("a directory")) return;
      if (found !== null) problems.push(problemOf({ uid, path }, errno, found));
      if (problem === null) orphans.push({ uid, path, sizeBytes, md5, sha1, xxh64 });
    });
  }
  files.flush();
  orphans.sort((a, b) => a.uid - b.uid);
  return { orphans, problems, bytesRead: BigInt(counts.bytesRead), filesRead: counts.filesRead };
}

function problemOf({ uid, path }: OrphanCandidate, errno: string | null, found: string): ReadProblem {
  return { what: "message", path, uid, errno, found };
}
