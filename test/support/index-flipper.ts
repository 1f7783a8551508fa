/**
 * A writer that never rests: toggles \Flagged on one record after the other, in the order in which Cyrus commits: the
 * record in place, then the header. Runs in a worker thread; `workerData` is a {@link FlipperTask}.
 */
import { closeSync, openSync, renameSync, writeFileSync, writeSync } from "node:fs";
import { parentPort, workerData } from "node:worker_threads";
import { type WritableVersion, writeIndex } from "./index-writer.ts";

export interface FlipperTask {
  readonly path: string;
  readonly records: number;
  readonly commits: number;
  /** 17 if none is given. */
  readonly version?: WritableVersion;
  /** Moves the last record to this file and back instead, as Cyrus 2.3 does with each rename. */
  readonly expungePath?: string;
}

/** The records after commit `n`: commit 0 wrote them all, and commit `k` toggled record `k` modulo their number. */
export function recordsAfter(n: number, records: number) {
  return Array.from({ length: records }, (_, i) => {
    const first = i === 0 ? records : i;
    const toggles = n < first ? 0 : Math.floor((n - first) / records) + 1;
    return { uid: i + 1, modseq: 1 + (toggles === 0 ? 0 : first + (toggles - 1) * records), flags: (toggles % 2) * 2 };
  });
}

/** The whole index after commit `n`; its HIGHESTMODSEQ is `n + 1`. */
export function indexAfter(n: number, records: number, version: WritableVersion = 17): Buffer {
  return writeIndex({ version, records: recordsAfter(n, records), header: { highestModseq: n + 1 } });
}

function flip({ path, records, commits, version }: FlipperTask): void {
  const fd = openSync(path, "r+");
  for (let n = 1; n <= commits; n++) {
    const bytes = indexAfter(n, records, version);
    const at = bytes.readUInt32BE(12) + (n % records) * bytes.readUInt32BE(16);
    writeSync(fd, bytes, at, bytes.readUInt32BE(16), at);
    writeSync(fd, bytes, 0, bytes.readUInt32BE(12), 0);
  }
  closeSync(fd);
}

/** What is expunged stands in both files for a moment, never in none. */
function expungeAndRestore({ path, expungePath = "", records, commits, version = 10 }: FlipperTask): void {
  const all = recordsAfter(0, records);
  const replace = (file: string, held: typeof all) => {
    writeFileSync(`${file}.NEW`, writeIndex({ version, records: held, header: { lastUid: records } }));
    renameSync(`${file}.NEW`, file);
  };
  for (let n = 0; n < commits; n++) {
    replace(expungePath, all.slice(-1));
    replace(path, all.slice(0, -1));
    replace(path, all);
    replace(expungePath, []);
  }
}

if (parentPort !== null) {
  const task = workerData as FlipperTask;
  if (task.expungePath === undefined) flip(task);
  else expungeAndRestore(task);
}
