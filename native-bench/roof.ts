import { spawnSync } from "node:child_process";

/** Outcome of compiling `roof.c`. */
export type Roof =
  | { readonly status: "built"; readonly program: string }
  | { readonly status: "missing"; readonly reason: string };

/** What `roof` prints about its walk. */
export interface RoofCount {
  readonly files: number;
  readonly bytes: number;
  /** Sum over the digests of all files; zeros unless its mode was `full` or `lanes`. */
  readonly md5Sum: string;
  /** The same, as {@link Tree.sha1Sum}. */
  readonly sha1Sum: string;
}

const PACKAGES = "apt install gcc libssl-dev libxxhash-dev";

/** Compiles `roof.c` and `lanes.c` to `program`. Never throws: without a compiler the benchmark goes on without these rows. */
export function buildRoof(program: string): Roof {
  const sources = ["roof.c", "lanes.c"].map((name) => `${import.meta.dirname}/${name}`);
  const cc = spawnSync("cc", ["-O2", "-pthread", ...sources, "-o", program, "-lcrypto", "-lxxhash"], {
    encoding: "utf8",
  });
  if (cc.error !== undefined) {
    return { status: "missing", reason: `there is no C compiler (${cc.error.message}); ${PACKAGES}` };
  }
  if (cc.status !== 0) {
    const complaint = cc.stderr.split("\n").find((line) => /error|cannot find/.test(line)) ?? `exit code ${cc.status}`;
    return { status: "missing", reason: `roof.c cannot be compiled (${complaint.trim()}); ${PACKAGES}` };
  }
  return { status: "built", program };
}

/** Parses the one line that `roof` prints, or null if it is not such a line. */
export function parseRoofOutput(output: string): RoofCount | null {
  const match = /^files (\d+) bytes (\d+) md5 ([0-9a-f]{16}) sha1 ([0-9a-f]{16}) xxh64 [0-9a-f]{16}\n$/.exec(output);
  if (match === null) return null;
  return { files: Number(match[1]), bytes: Number(match[2]), md5Sum: match[3] ?? "", sha1Sum: match[4] ?? "" };
}
