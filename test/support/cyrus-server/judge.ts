/**
 * What a running Cyrus says of the mail it holds. The integration tests compare this with what was read from its disk,
 * so nothing here looks at a format of Cyrus' own.
 */
import { existsSync, statSync } from "node:fs";
import { join } from "node:path";
import type { ImapMessage, ImapStatus } from "./imap-client.ts";
import { administratorName, type Namespace, namespaceOf, splitInternal, userName } from "./namespace.ts";
import type { CyrusPair, CyrusSide } from "./pair.ts";
import { run } from "./processes.ts";

/** A mailbox, as the server's own tools list it. */
export interface ListedMailbox {
  /** Internal form: `user.dave^smith.Sent`. */
  readonly name: string;
  readonly uniqueId: string;
  readonly owner: string | null;
  /** Letters of its type: `e` mail, `f` sieve scripts … */
  readonly type: string;
  readonly namespace: Namespace;
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
export async function listedMailboxes(
  pair: CyrusPair,
  side: CyrusSide,
  namespace: Namespace = namespaceOf({}),
): Promise<readonly ListedMailbox[]> {
  const text = await pair.output(side, "ctl_mboxlist", ["-d"]);
  const entries = Object.values(JSON.parse(text) as Record<string, { name: string; mbtype: string; uniqueid: string }>);
  return entries
    .filter(({ name, mbtype }) => !mbtype.includes("d") && !/^(.*!)?DELETED\./.test(name))
    .map(({ name, uniqueid, mbtype }) => {
      const { owner } = splitInternal(name);
      const sessionName = owner === null ? administratorName(namespace, name) : userName(namespace, name, owner);
      return { name, uniqueId: uniqueid, owner, type: mbtype.replace("l", ""), namespace, sessionName };
    });
}

/** Everything that the server says of one mailbox. It should hold still meanwhile. */
export async function judge(pair: CyrusPair, side: CyrusSide, mailbox: ListedMailbox): Promise<JudgedMailbox> {
  const [judged] = await judgeAll(pair, side, [mailbox]);
  if (judged === undefined) throw new Error(`Cannot judge ${mailbox.name}: nothing is said of it`);
  return judged;
}

/** As {@link judge} for many, which starts as few programs as for one. */
export async function judgeAll(
  pair: CyrusPair,
  side: CyrusSide,
  mailboxes: readonly ListedMailbox[],
): Promise<readonly JudgedMailbox[]> {
  const names = mailboxes.map(({ name, namespace }) => administratorName(namespace, name));
  const paths = await pathsOf(pair, side, names);
  const shown: (ListedMailbox & Pick<JudgedMailbox, "status" | "messages">)[] = [];
  const files = new Map<string, { readonly mailbox: string; readonly uid: number }>();
  for (const [at, mailbox] of mailboxes.entries()) {
    const session = await pair.imap(side, mailbox.owner ?? undefined);
    const status = await session.status(mailbox.sessionName);
    const messages = await session.messages(mailbox.sessionName);
    shown.push({ ...mailbox, status, messages });
    const { data = "", archive = "" } = paths[at] ?? {};
    for (const { uid } of messages) {
      for (const folder of new Set([data, archive])) {
        const path = join(folder, `${uid}.`);
        if (existsSync(path)) files.set(path, { mailbox: mailbox.name, uid });
      }
    }
  }
  const digests = await md5sums([...files.keys()]);
  const found = new Map<string, Map<number, MessageFile>>(mailboxes.map(({ name }) => [name, new Map()]));
  for (const [path, { mailbox, uid }] of files) {
    const md5 = digests.get(path);
    if (md5 !== undefined) found.get(mailbox)?.set(uid, { path, sizeBytes: statSync(path).size, md5 });
  }
  return shown.map((mailbox) => ({ ...mailbox, files: found.get(mailbox.name) ?? new Map() }));
}

/** The folders of a mailbox. */
export interface MailboxPaths {
  readonly data: string;
  readonly meta: string;
  readonly archive: string;
}

/** Where a mailbox lies, by its internal name, from Cyrus' own `mbpath`. */
export async function mailboxPaths(pair: CyrusPair, side: CyrusSide, name: string): Promise<MailboxPaths> {
  const [paths] = await pathsOf(pair, side, [administratorName(namespaceOf({}), name)]);
  if (paths === undefined) throw new Error(`Cannot find ${name}: mbpath says nothing of it`);
  return paths;
}

async function pathsOf(pair: CyrusPair, side: CyrusSide, names: readonly string[]): Promise<readonly MailboxPaths[]> {
  const text = await pair.output(side, "mbpath", ["-7", "-j", "-a", ...names]);
  // One object after another, each from a line of its own.
  return text.split(/^(?=\{$)/m).map((object) => JSON.parse(object));
}

/** What `md5sum` says of files: the digest by path. */
async function md5sums(paths: readonly string[]): Promise<ReadonlyMap<string, string>> {
  if (paths.length === 0) return new Map();
  const { status, stdout, stderr } = await run(["md5sum", "-z", ...paths], { environment: {} });
  if (status !== 0) throw new Error(`Cannot take digests: ${stderr}`);
  return new Map(
    stdout.split("\0").map((line) => [Buffer.from(line.slice(34), "latin1").toString(), line.slice(0, 32)]),
  );
}
