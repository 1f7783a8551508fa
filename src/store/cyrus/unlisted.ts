import { CorruptStoreError } from "../../errors.ts";
import type { ByteString } from "../../mail/name.ts";
import type { MailboxRef } from "../mail-store.ts";
import type { CyrusConfig, CyrusPartition } from "./config.ts";
import { metaRoot, namePaths, placeBelow, uniqueIdPath } from "./layout.ts";
import { decodeMailboxHeader, type MailboxHeader } from "./mailbox-header.ts";
import { canonicalName, splitName } from "./mailbox-name.ts";
import { lstatOrNull, readMetaFile } from "./meta-file.ts";

const MAX_HEADER_BYTES = 1024 * 1024;

/**
 * Says what mailbox a directory is that the mailbox list does not know: its name by where it lies (a header is stale
 * after a rename), or, in the layout by id, by its header; its uniqueid by its header. A directory from which no name
 * can be made is called by its path below the partition, which with its slashes is never a mailbox name.
 *
 * @param directory absolute, below one of the partition's roots
 * @returns null if it has neither `cyrus.index` nor `cyrus.header`, or is none of this partition
 */
export function describeUnlisted(config: CyrusConfig, directory: ByteString, partition: string): MailboxRef | null {
  const roots = config.partitions.get(partition);
  const path = roots === undefined ? null : pathBelowRoots(config, roots, directory);
  if (roots === undefined || path === null) return null;
  const place = placeBelow(config, roots, path);
  if (!isFile(place.indexFile) && !isFile(place.headerFile)) return null;
  const header = readHeader(place.headerFile);
  const byId = path.startsWith("uuid/");
  const idOfPath = byId ? path.slice(path.lastIndexOf("/") + 1) : null;
  const name = (byId ? header?.name : nameOfPath(config, path)) ?? path;
  return {
    ...place,
    name: canonicalName(name, config.deletedPrefix),
    uniqueId: header?.uniqueId ?? (uniqueIdPath(idOfPath) === path ? idOfPath : null),
    listing: {
      partition,
      type: header?.type?.replaceAll("l", "") ?? null,
      uidValidity: null,
      foldermodseq: null,
      createdModseq: null,
      mtime: null,
      acl: header?.acl ?? null,
    },
  };
}

/** The mailbox whose directory by name `path` is, relative to a root, or null if it is no mailbox's. */
export function nameOfPath(config: CyrusConfig, path: ByteString): ByteString | null {
  const parts = path.split("/");
  // With a domain directory in front or not, with a hash letter before each or not: only a right reading leads back.
  for (const domainParts of config.virtDomains === "off" ? [0, 3, 2] : [3, 2, 0]) {
    if (domainParts > 0 && parts[0] !== "domain") continue;
    const domain = domainParts === 0 ? "" : `${parts[domainParts - 1]}!`;
    for (const skip of [domainParts + 1, domainParts]) {
      const name = domain + parts.slice(skip).join(".");
      const split = splitName(name);
      if (!("refused" in split) && namePaths(config, split).includes(path)) return name;
    }
  }
  return null;
}

function pathBelowRoots(config: CyrusConfig, partition: CyrusPartition, directory: ByteString): ByteString | null {
  const candidates = [partition.spool, partition.archive, metaRoot(config, partition, "index")];
  // The longest first: one root may lie below another.
  const roots = [...candidates, metaRoot(config, partition, "header")].filter((root) => root !== null);
  const root = roots.sort((a, b) => b.length - a.length).find((candidate) => directory.startsWith(`${candidate}/`));
  return root === undefined ? null : directory.slice(root.length + 1).replace(/\/+$/, "");
}

function readHeader(path: ByteString): MailboxHeader | null {
  const reading = readMetaFile(path, MAX_HEADER_BYTES);
  if (reading.status !== "read") return null;
  try {
    return decodeMailboxHeader(reading.bytes, path);
  } catch (error) {
    // That it is corrupt is found again, and reported, when the mailbox itself is read.
    if (error instanceof CorruptStoreError) return null;
    throw error;
  }
}

function isFile(path: ByteString): boolean {
  return lstatOrNull(path)?.isFile() ?? false;
}
