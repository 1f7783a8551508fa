/** Lists of message files for rsync, one for each pair of roots: of what is copied between the hosts, or rescued. */
import type { Side } from "../compare/classes.ts";
import type { ByteString } from "../mail/name.ts";
import type { MailboxFacts, MessageFacts } from "../mail/scan-facts.ts";
import { digestLine, pathEntry } from "./grammar.ts";
import type { RootKind, WorkHost } from "./host.ts";
import { ListFile, type ListOutput } from "./output.ts";

/** A root of a partition, by name. */
export interface RootName {
  readonly partition: string;
  readonly kind: RootKind;
}

/** Files that lie below one root, and the one that they belong below, if they are to be copied. */
export interface FileList {
  readonly from: Side;
  readonly fromRoot: RootName;
  /** Null: they are rescued, to wherever people say. */
  readonly toRoot: RootName | null;
  /** Paths, each with a NUL after it. */
  readonly paths: ListFile;
  /** The same with their SHA-1, for `sha1sum -c`. */
  readonly digests: ListFile;
}

/** Names of partitions that a file can be named after. */
const PLAIN_NAME = /^[A-Za-z0-9_-]{1,40}$/;

/** All file lists of one run. */
export class FileLists {
  readonly #output: ListOutput;
  readonly #lists = new Map<string, FileList>();

  constructor(output: ListOutput) {
    this.#output = output;
  }

  /** In order of their names. */
  all(): FileList[] {
    return [...this.#lists.entries()].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, list]) => list);
  }

  /** Adds one file. Returns why it cannot be listed, or null. */
  add(from: Side, at: FilePlace, toRoot: RootName | null, sha1: string | null): string | null {
    const entry = pathEntry(at.path);
    if ("refused" in entry) return entry.refused;
    if (![at.root, ...(toRoot === null ? [] : [toRoot])].every(({ partition }) => PLAIN_NAME.test(partition))) {
      return "no file can be named after its partition";
    }
    const list = this.#list(from, at.root, toRoot);
    list.paths.addBytes(entry.text);
    if (sha1 !== null) list.digests.addBytes(digestLine(sha1, at.path));
    return null;
  }

  #list(from: Side, fromRoot: RootName, toRoot: RootName | null): FileList {
    const there = from === "primary" ? "replica" : "primary";
    const place = ({ partition, kind }: RootName) => `${partition}-${kind}`;
    const same = toRoot !== null && place(toRoot) === place(fromRoot);
    const target = toRoot === null || same ? "" : `-to-${place(toRoot)}`;
    const name = `${toRoot === null ? `rescue-${from}` : `copy-${from}-to-${there}`}-${place(fromRoot)}${target}`;
    const known = this.#lists.get(name);
    if (known !== undefined) return known;
    const list: FileList = {
      ...{ from, fromRoot, toRoot },
      paths: new ListFile(this.#output, `${name}.list0`),
      digests: new ListFile(this.#output, `${name}.sha1`),
    };
    this.#lists.set(name, list);
    return list;
  }
}

/** A message file below a root. */
export interface FilePlace {
  readonly root: RootName;
  readonly path: ByteString;
}

/** Where a message file lies, or would lie, on a host: by our own layout code, from what the mailbox is. */
export function filePlace(
  host: WorkHost,
  mailbox: MailboxFacts,
  message: MessageFacts,
): FilePlace | { refused: string } {
  const place = host.placeOf(mailbox);
  if ("refused" in place) return place;
  if (message.stat === null && mailbox.directories.length > 1) {
    return { refused: "nothing says whether the file belongs into the archive" };
  }
  const kind = message.stat?.root === 1 ? "archive" : "spool";
  return { root: { partition: place.partition, kind }, path: `${place.directory}/${message.uid}.` };
}
