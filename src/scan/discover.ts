import { lstatSync } from "node:fs";
import glob from "fast-glob";
import type { ReadProblem } from "../mail/mailbox.ts";
import type { ByteString } from "../mail/name.ts";
import type { MailboxRef, MailStore, PartitionRoot } from "../store/mail-store.ts";
import { fromGlobText, globReaddir, toGlobText } from "./byte-exact-fs.ts";
import { LeafDirectories } from "./leaf-directories.ts";
import { NO_MAILBOXES_BELOW } from "./partition-root.ts";

/** Files of which any makes a directory a mailbox. */
const MARKERS: Readonly<Record<MailStore["kind"], readonly string[]>> = { cyrus: ["cyrus.index", "cyrus.header"] };

/** A directory with a mailbox in it. */
export interface FoundDirectory {
  /** Absolute. */
  readonly directory: ByteString;
  readonly root: PartitionRoot;
}

/**
 * Walks the given roots for directories that hold a mailbox and that none of `mailboxes` accounts for. Each is given
 * once, also where roots lie in one another; links are not followed.
 *
 * @param refused told of what could not be walked
 * @throws the reason of `signal` when that is aborted
 */
export async function* findUnlisted(
  kind: MailStore["kind"],
  roots: readonly PartitionRoot[],
  mailboxes: Iterable<MailboxRef>,
  refused: (problem: ReadProblem) => void,
  signal?: AbortSignal,
): AsyncGenerator<FoundDirectory> {
  const accounted = directoriesOf(mailboxes);
  const leaves = new LeafDirectories();
  for (const root of roots) {
    // An archive holds message files only.
    if (root.kind === "archive") continue;
    // What the list knows is read, and refused, anyway.
    const unknown = (problem: ReadProblem) => (accounted.has(plain(problem.path)) ? undefined : refused(problem));
    // What is in such a directory is accounted for, and there is nothing below it.
    const passedOver = (path: ByteString, callback: (isPassedOver: boolean) => void) =>
      accounted.has(plain(path)) ? leaves.isLeaf(path, callback) : callback(false);
    for await (const directory of mailboxDirectories(kind, root.directory, unknown, passedOver)) {
      signal?.throwIfAborted();
      if (accounted.has(directory)) continue;
      accounted.add(directory);
      yield { directory, root };
    }
  }
}

/** True while any of the files is there that make `directory` a mailbox. */
export function holdsMailbox(kind: MailStore["kind"], directory: ByteString): boolean {
  return MARKERS[kind].some((name) => lstatSync(Buffer.from(`${directory}/${name}`, "latin1"), NO_THROW) !== undefined);
}

const NO_THROW = { throwIfNoEntry: false } as const;

/** Every directory that the files of `mailboxes` lie in. */
function directoriesOf(mailboxes: Iterable<MailboxRef>): Set<ByteString> {
  const directories = new Set<ByteString>();
  for (const ref of mailboxes) {
    for (const file of [ref.indexFile, ref.headerFile]) directories.add(parentOf(file));
    for (const directory of ref.messageDirectories) directories.add(plain(directory));
  }
  return directories;
}

async function* mailboxDirectories(
  kind: MailStore["kind"],
  rootDirectory: ByteString,
  refused: (problem: ReadProblem) => void,
  passedOver: Parameters<typeof globReaddir>[2],
): AsyncGenerator<ByteString> {
  const root = plain(rootDirectory);
  const markers = MARKERS[kind];
  const onRefused = (path: ByteString, errno: string) =>
    refused({ what: "directory", path, uid: null, errno, found: `the system refuses it (${errno})` });
  const found = glob.stream(
    markers.map((name) => `**/${name}`),
    {
      cwd: toGlobText(root),
      fs: { readdir: globReaddir(new Set(markers), onRefused, passedOver) } as NonNullable<glob.Options["fs"]>,
      ignore: NO_MAILBOXES_BELOW.flatMap((name) => [name, `${name}/**`]),
      dot: true,
      unique: false,
      followSymbolicLinks: false,
    },
  );
  for await (const text of found) yield parentOf(`${root}/${fromGlobText(String(text))}`);
}

function parentOf(file: ByteString): ByteString {
  return plain(file.slice(0, file.lastIndexOf("/")));
}

/** One spelling for each directory: no empty parts, no slash at the end. */
function plain(path: ByteString): ByteString {
  return path.replace(/\/{2,}/g, "/").replace(/(.)\/$/, "$1");
}
