import { spawnSync } from "node:child_process";
import type { Tree } from "./generate.ts";
import type { MissingRow, Row, RowId } from "./row.ts";

/** A program that digests every file of a directory, as Debian has it. */
interface Peer {
  readonly id: RowId;
  readonly program: string;
  readonly label: string;
  /** The arguments but for the directory. */
  readonly args: readonly string[];
  /** What asks it for its version. */
  readonly version: string;
}

const PEERS: readonly Peer[] = [
  {
    id: "hashdeep",
    program: "hashdeep",
    label: "hashdeep -j2 -c md5 -r",
    args: ["-j2", "-c", "md5", "-r"],
    version: "-V",
  },
  {
    id: "hashdeep-both",
    program: "hashdeep",
    label: "hashdeep -j2 -c md5,sha1 -r",
    args: ["-j2", "-c", "md5,sha1", "-r"],
    version: "-V",
  },
  {
    id: "rclone",
    program: "rclone",
    label: "rclone md5sum --checkers 2",
    args: ["md5sum", "--checkers", "2", "--config", "/dev/null"],
    version: "version",
  },
  { id: "rhash", program: "rhash", label: "rhash -r --md5 (one thread)", args: ["-r", "--md5"], version: "--version" },
];

/** Names of those programs that are installed here. */
export function installedPeers(): ReadonlySet<string> {
  const names = new Map(PEERS.map(({ program, version }) => [program, version]));
  return new Set(
    [...names].filter(([program, version]) => spawnSync(program, [version]).error === undefined).map(([p]) => p),
  );
}

/** A row for each peer that is installed. */
export function peerRows(tree: Tree, installed: ReadonlySet<string>): (Row | MissingRow)[] {
  return PEERS.map(({ id, program, label, args }) =>
    installed.has(program)
      ? { id, label, command: [program, ...args, tree.spool] }
      : { id, reason: `${program} is not installed; apt install ${program}` },
  );
}
