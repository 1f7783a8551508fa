/**
 * The two small spools of `spooldiff demo`. `pair.json` holds the files of a real Cyrus IMAP 3.6 pair whose primary has
 * gone on since the last sync and whose replica somebody has written to; the damage to files is done here.
 */
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

/** One thing that the report must show, and what it is in plain words. */
export interface Planted {
  readonly class: string;
  readonly state: string;
  readonly mailbox: string;
  readonly uid: number;
  readonly sentence: string;
}

/** Two spools on disk. */
export interface DemoSpools {
  /** The `imapd.conf` of each host. */
  readonly primaryConf: string;
  readonly replicaConf: string;
  readonly planted: readonly Planted[];
}

/** Writes both spools below `directory`, damages the replica's, and says what was planted. */
export function writeDemoSpools(directory: string): DemoSpools {
  const text = readFileSync(new URL("./pair.json", import.meta.url), "utf8");
  const { files } = JSON.parse(text) as { files: Readonly<Record<string, string>> };
  for (const [name, base64] of Object.entries(files)) {
    const path = join(directory, name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, Buffer.from(base64, "base64"));
  }
  flipBit(join(directory, replicaFolder(files, "user.anna.Archive"), "2."));
  rmSync(join(directory, replicaFolder(files, "user.ben"), "3."));
  return {
    primaryConf: writeConfiguration(directory, "primary"),
    replicaConf: writeConfiguration(directory, "replica"),
    planted: PLANTED,
  };
}

const PLANTED: readonly Planted[] = [
  {
    class: "file-corrupt",
    state: "damaged",
    mailbox: "user.anna.Archive",
    uid: 2,
    sentence: "one bit flipped in a message file on the replica",
  },
  {
    class: "file-missing",
    state: "damaged",
    mailbox: "user.ben",
    uid: 3,
    sentence: "a message file removed on the replica, its index left alone",
  },
  {
    class: "message-missing",
    state: "diverged",
    mailbox: "user.ben.Lists",
    uid: 2,
    sentence: "a message expunged on the replica only (split brain)",
  },
  {
    class: "message-missing",
    state: "in-flight",
    mailbox: "user.anna",
    uid: 4,
    sentence: "a delivery on the primary that replication has yet to bring",
  },
  {
    class: "flags-differ",
    state: "in-flight",
    mailbox: "user.anna.Sent",
    uid: 1,
    sentence: "a flag set on the primary that replication has yet to bring",
  },
];

/** The folder of a mailbox on the replica: in the uuid layout only cyrus.header tells whose it is. */
function replicaFolder(files: Readonly<Record<string, string>>, mailbox: string): string {
  for (const [name, base64] of Object.entries(files)) {
    if (!name.startsWith("replica/") || !name.endsWith("/cyrus.header")) continue;
    if (Buffer.from(base64, "base64").includes(` N ${mailbox} `)) return dirname(name);
  }
  throw new Error(`The demo has no mailbox ${mailbox}`);
}

function flipBit(path: string): void {
  const bytes = readFileSync(path);
  const at = bytes.length - 10;
  bytes[at] = (bytes[at] ?? 0) ^ 1;
  writeFileSync(path, bytes);
}

function writeConfiguration(directory: string, side: string): string {
  const path = join(directory, side, "imapd.conf");
  const lines = [
    `configdirectory: ${directory}/${side}/conf`,
    "defaultpartition: default",
    `partition-default: ${directory}/${side}/spool`,
  ];
  writeFileSync(path, `${lines.join("\n")}\n`);
  return path;
}
