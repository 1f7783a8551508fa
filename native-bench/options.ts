import os from "node:os";
import path from "node:path";
import { parseArgs } from "node:util";

export const USAGE = `Usage: npm run bench -- [--full] [--rounds N] [--work DIR] [--json FILE]

Measures spooldiff against hashdeep, md5sum, rclone, rhash and a C program that
does the same reads and digests; how a comparison of large manifests and how a
scan grow. Run "npm run build" first.

  --full       trees of 200,000 small and 30,000 large messages, of 200,000 to a
               million short ones, and two manifests of 5 million, 5 rounds (about
               15 GB of disk and half an hour); without it 20,000 messages, two
               manifests of half a million, 3 rounds
  --rounds N   counted rounds, at least 3
  --work DIR   where the generated spools are kept for the next run
               (default: spooldiff-bench-UID in the directory for temporary files)
  --json FILE  also write all samples, summaries and targets to FILE
  --help       print this text

Debian packages: time (required); gcc libssl-dev libxxhash-dev hashdeep rclone
rhash (rows that need a missing one are left out).
Exit codes: 0 measured, whatever came out; 2 could not measure.
`;

/** What the command line asks for. */
export interface BenchOptions {
  readonly full: boolean;
  readonly rounds: number;
  /** Absolute. */
  readonly workDirectory: string;
  readonly jsonFile: string | null;
}

/** @returns null for `--help`; @throws {TypeError | RangeError} for arguments that are not in {@link USAGE} */
export function parseOptions(args: readonly string[]): BenchOptions | null {
  const { values } = parseArgs({
    args: [...args],
    options: {
      full: { type: "boolean", default: false },
      rounds: { type: "string" },
      work: { type: "string" },
      json: { type: "string" },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help) return null;
  const rounds = values.rounds === undefined ? (values.full ? 5 : 3) : Number(values.rounds);
  if (!Number.isInteger(rounds) || rounds < 3) {
    throw new RangeError(`Cannot use --rounds "${values.rounds}": it must be a whole number from 3`);
  }
  // The user's number keeps two users of one machine apart.
  const fallback = path.join(os.tmpdir(), `spooldiff-bench-${process.getuid?.() ?? "user"}`);
  return {
    full: values.full,
    rounds,
    workDirectory: path.resolve(values.work ?? fallback),
    jsonFile: values.json === undefined ? null : path.resolve(values.json),
  };
}
