/**
 * What a running Cyrus says of the mail it holds. The integration tests compare this with what was read from its disk,
 * so nothing here looks at a format of Cyrus' own.
 */
import { statSync } from "node:fs";
import { join } from "node:path";
import type { ImapMessage, ImapStatus } from "./imap-client.ts";
import type { CyrusPair, CyrusSide } from "./pair.ts";
import { run } from "./processes.ts";

/** A mailbox, as the server's own tools list it. */
export interface ListedMailbox {
  /** Internal form: `user.dave^smith.Sent`. */
  readonly name: string;
  readonly uniqueId: string;
  readonly owner: string | null;
  /** How the session that sees its true flags names it: its owner's, else the administrator's. */
  readonly sessionName: string;
}

/** A message file, as `stat` and `md5sum` see it. */
export interface MessageFile {
  readonly path: string;
  readonly sizeBytes: number;
  readonly md5: string;
}

/** A mailbox, as IMAP and the file system show it. */
export interface JudgedMailbox extends ListedMailbox {
  readonly status: ImapStatus;
  readonly messages: readonly ImapMessage[];
  /** By UID, for every message that IMAP shows. */
  readonly files: ReadonlyMap<number, MessageFile>;
}

/** The mailboxes of one side without those that were deleted, in the order of `ctl_mboxlist`. */
export async function listedMailboxes(pair: CyrusPair, side: CyrusSide): Promise<readonly ListedMailbox[]> {
  const text = await pair.output(side, "ctl_mboxlist", ["-d"]);
  const entries = Object.values(JSON.parse(text) as Record<string, { name: string; mbtype: string; uniqueid: string }>);
  return entries
    .filter(({ name, mbtype }) => !mbtype.includes("d") && !name.startsWith("DELETED."))
    .map(({ name, uniqueid }) => ({ name, uniqueId: uniqueid, ...seenFrom(name) }));
}

/** Everything that the server says of one mailbox. It should hold still meanwhile. */
export async function judge(pair: CyrusPair, side: CyrusSide, mailbox: ListedMailbox): Promise<JudgedMailbox> {
  const session = await pair.imap(side, mailbox.owner ?? undefined);
  const status = await session.status(mailbox.sessionName);
  const messages = await session.messages(mailbox.sessionName);
  const paths = await mailboxPaths(pair, side, mailbox.name);
  const files = await messageFiles(
    [...new Set([paths.data, paths.archive])],
    messages.map(({ uid }) => uid),
  );
  return { ...mailbox, status, messages, files };
}

/** Where a mailbox lies, from Cyrus' own `mbpath`. */
export async function mailboxPaths(
  pair: CyrusPair,
  side: CyrusSide,
  name: string,
): Promise<{ readonly data: string; readonly meta: string; readonly archive: string }> {
  return JSON.parse(await pair.output(side, "mbpath", ["-7", "-j", "-a", administratorName(name)]));
}

/** The name by which Cyrus' tools and its administrator know a mailbox: `user/dave.smith/Sent`. */
export function administratorName(name: string): string {
  return name.split(".").map(withDots).join("/");
}

function seenFrom(name: string): { owner: string | null; sessionName: string } {
  const [top, user, ...below] = name.split(".");
  if (top !== "user" || user === undefined) return { owner: null, sessionName: administratorName(name) };
  return { owner: withDots(user), sessionName: ["INBOX", ...below.map(withDots)].join("/") };
}

/** Internally a dot parts levels, so a dot of the name itself is written as a caret (`unixhierarchysep`). */
function withDots(level: string): string {
  return level.replaceAll("^", ".");
}

async function messageFiles(
  folders: readonly string[],
  uids: readonly number[],
): Promise<ReadonlyMap<number, MessageFile>> {
  const files = new Map<number, MessageFile>();
  for (const folder of folders) {
    const present = uids.filter((uid) => statSync(join(folder, `${uid}.`), { throwIfNoEntry: false }) !== undefined);
    if (present.length === 0) continue;
    const command = ["md5sum", ...present.map((uid) => `${uid}.`)];
    const { status, stdout, stderr } = await run(command, { environment: {}, folder });
    if (status !== 0) throw new Error(`Cannot take the digests of "${folder}": ${stderr}`);
    for (const [, md5 = "", uid] of stdout.matchAll(/^([0-9a-f]{32}) {2}(\d+)\.$/gm)) {
      const path = join(folder, `${uid}.`);
      files.set(Number(uid), { path, sizeBytes: statSync(path).size, md5 });
    }
  }
  return files;
}
