/**
 * Where the files of a mailbox lie.
 *
 *   by name   ROOT[/domain[/H]/DOMAIN][/H]/part/part/…        everything before 3.6, and entries with the letter `l`
 *   by id     ROOT/uuid/I/D/IDENTIFIER                        its first two characters as directories
 *
 * H, only with hashimapspool, is a letter made of the second part of the name (of the first where it is the only one),
 * or of the domain. The domain is left out where it is the default one. The same path lies below the roots of spool,
 * metadata and archive.
 *
 * @see cyrus-imapd `imap/mboxname.c`, mboxname_hash, mboxname_id_hash, mboxname_metapath; `lib/libconfig.c`, dir_hash_c
 */
import type { ByteString } from "../../mail/name.ts";
import type { MailboxRef } from "../mail-store.ts";
import type { CyrusConfig, CyrusPartition, MetaFile } from "./config.ts";
import { type NameParts, splitName, storedName } from "./mailbox-name.ts";

/** The places of a mailbox's files, as {@link MailboxRef} has them. */
export type MailboxPlace = Pick<
  MailboxRef,
  "indexFile" | "headerFile" | "annotationsFile" | "expungeFile" | "messageDirectories" | "messageRoots"
>;

/** What decides where a mailbox lies. */
export interface PlacedBy {
  readonly name: ByteString;
  readonly uniqueId: string | null;
  readonly partition: string | null;
  readonly legacyLayout: boolean;
}

/**
 * The places where a mailbox can lie, likeliest first: there are several only where versions of Cyrus differ or the
 * configuration is not known. Refused is what has no place, or whose name would lead out of its partition.
 */
export function placesOf(
  config: CyrusConfig,
  mailbox: PlacedBy,
): readonly [MailboxPlace, ...MailboxPlace[]] | { readonly refused: string; readonly partition?: true } {
  const partition = mailbox.partition === null ? undefined : config.partitions.get(mailbox.partition);
  if (partition === undefined) {
    return { refused: `partition ${JSON.stringify(mailbox.partition)} is not configured`, partition: true };
  }
  if (!mailbox.legacyLayout) {
    const path = uniqueIdPath(mailbox.uniqueId);
    return path === null
      ? { refused: "no directory can be named by its uniqueid" }
      : [placeBelow(config, partition, path)];
  }
  const parts = splitName(storedName(mailbox.name, config.deletedPrefix));
  if ("refused" in parts) return parts;
  const [first, ...others] = namePaths(config, parts);
  return [placeBelow(config, partition, first), ...others.map((path) => placeBelow(config, partition, path))];
}

/** The place at `path`, relative to the partition's roots. */
export function placeBelow(config: CyrusConfig, partition: CyrusPartition, path: ByteString): MailboxPlace {
  return {
    indexFile: fileBelow(config, partition, path, "index"),
    headerFile: fileBelow(config, partition, path, "header"),
    annotationsFile: fileBelow(config, partition, path, "annotations"),
    expungeFile: fileBelow(config, partition, path, "expunge"),
    messageDirectories: messageRootsOf(partition).map((root) => `${root}/${path}`),
    messageRoots: messageRootsOf(partition),
  };
}

/** One metadata file of the mailbox at `path`. */
export function fileBelow(
  config: CyrusConfig,
  partition: CyrusPartition,
  path: ByteString,
  kind: keyof typeof FILE_ROOTS,
): ByteString {
  return `${FILE_ROOTS[kind](config, partition)}/${path}/cyrus.${kind}`;
}

/** Spool, then the archive if there is one. */
export function messageRootsOf({ spool, archive }: CyrusPartition): ByteString[] {
  return archive === null ? [spool] : [spool, archive];
}

const FILE_ROOTS = {
  index: (config: CyrusConfig, partition: CyrusPartition) => metaRoot(config, partition, "index"),
  header: (config: CyrusConfig, partition: CyrusPartition) => metaRoot(config, partition, "header"),
  annotations: annotationsRoot,
  expunge: expungeRoot,
} as const;

/** The path that {@link placeBelow} was given. */
export function pathOfPlace({
  messageDirectories: [directory = ""],
  messageRoots: [root = ""],
}: MailboxPlace): ByteString {
  return directory.slice(root.length + 1);
}

/** The root below which one kind of metadata file lies. */
export function metaRoot(config: CyrusConfig, partition: CyrusPartition, kind: MetaFile): ByteString {
  const directory = partition.metaDirectories.get(kind);
  if (directory !== undefined) return directory;
  if (partition.meta !== null && config.metapartitionFiles.has(kind)) return partition.meta;
  return partition.spool;
}

/** The path of a mailbox in the layout by id, or null if no safe path can be made of it. */
export function uniqueIdPath(uniqueId: string | null): ByteString | null {
  // Opaque, but all that Cyrus has ever made fits: 16 hexadecimal digits, 36-character UUIDs, 24 of [0-9a-z].
  if (uniqueId === null || !/^[0-9A-Za-z_-]{2}[0-9A-Za-z_.-]{0,126}$/.test(uniqueId)) return null;
  return `uuid/${uniqueId[0]}/${uniqueId[1]}/${uniqueId}`;
}

/** The root below which annotations of messages lie: Cyrus has no setting of their own, but for the metapartition. */
function annotationsRoot(config: CyrusConfig, partition: CyrusPartition): ByteString {
  const directory = partition.metaDirectories.get("index");
  if (directory !== undefined) return directory;
  return (config.metapartitionFiles.has("annotations") ? partition.meta : null) ?? partition.spool;
}

/** The root below which records of expunged messages lie that are no longer in the index. */
function expungeRoot(config: CyrusConfig, partition: CyrusPartition): ByteString {
  return (config.metapartitionFiles.has("expunge") ? partition.meta : null) ?? partition.spool;
}

/** The paths that a mailbox can have in the layout by name, likeliest first. */
export function namePaths(config: CyrusConfig, { domain, parts }: NameParts): readonly [ByteString, ...ByteString[]] {
  const base = parts.join("/");
  const hashed = parts[1] ?? parts[0] ?? "";
  const paths = new Set<ByteString>();
  for (const hash of known(config.hashImapSpool)) {
    for (const full of known(config.fullDirHash)) {
      // 3.0 and later hash the part with its dots, and stop at the first; versions before it as it is in the path.
      for (const part of [hashed.replaceAll("^", "."), hashed]) {
        const prefix = domain === null || domain === config.defaultDomain ? "" : domainPath(domain, hash, full);
        paths.add(`${prefix}${hash ? `${hashLetter(part, full)}/` : ""}${base}`);
      }
    }
  }
  // One turn of every loop adds one.
  return [...paths] as [ByteString, ...ByteString[]];
}

function domainPath(domain: ByteString, hash: boolean, full: boolean): ByteString {
  return hash ? `domain/${hashLetter(domain, full)}/${domain}/` : `domain/${domain}/`;
}

function known(setting: boolean | null): readonly boolean[] {
  return setting === null ? [false, true] : [setting];
}

/** The hash directory of a name: its first letter, or `q`; with fulldirhash one of A–W, made of all up to a dot. */
export function hashLetter(name: ByteString, full: boolean): string {
  if (!full) {
    const first = (name[0] ?? "").toLowerCase();
    return /^[a-z]$/.test(first) ? first : "q";
  }
  let n = 0;
  for (const c of name.split(".", 1)[0] ?? "") n = ((n << 3) ^ (n >>> 5) ^ c.charCodeAt(0)) >>> 0;
  return String.fromCharCode(0x41 + (n % 23));
}
