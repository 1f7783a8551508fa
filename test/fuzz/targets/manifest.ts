/** What comes from another host: manifests and lists for a second look. And the forms that flags and messages have in them. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { ManifestError, UsageError } from "../../../src/errors.ts";
import { canonicalFlags, flagNames } from "../../../src/mail/flags.ts";
import {
  CONTENT_BYTES,
  CORE_BYTES,
  EXT_BYTES,
  type PackedMessages,
  STAT_BYTES,
  unpackMessage,
  unpackStat,
} from "../../../src/mail/packed-messages.ts";
import { ManifestReader } from "../../../src/manifest/reader.ts";
import { verifyManifest } from "../../../src/manifest/verify.ts";
import { StoredManifestView } from "../../../src/manifest/view.ts";
import { parseRecheckList } from "../../../src/worklist/recheck-scope.ts";
import { fullContents, fullMessage, fullReading } from "../../manifest/full-contents.ts";
import { inFolder, writeManifest } from "../../manifest/written.ts";
import { type FuzzTarget, type Structure, sound } from "../target.ts";
import { linesOf } from "./cyrusdb.ts";
import { scratchFile } from "./scratch.ts";

/** A manifest with a row in every table and a value in every column, and one of many messages. */
function manifests(): Buffer[] {
  const messages = Array.from({ length: 200 }, (_, i) => fullMessage(i + 1));
  return inFolder((folder) =>
    [fullContents(), { mailboxes: [fullReading(messages)] }].map((contents, i) =>
      readFileSync(writeManifest(join(folder, `${i}.db`), contents)),
    ),
  );
}

/** All that a comparison takes from a manifest which `verify` has found sound. */
function readManifest(bytes: Buffer) {
  const reader = ManifestReader.open(scratchFile("manifest.db", bytes));
  try {
    const totals = verifyManifest(reader);
    const view = new StoredManifestView(reader);
    const mailboxes = [...view.mailboxes()].map((mailbox) => [
      mailbox,
      view.acl(mailbox.id),
      view.orphans(mailbox.id),
      [...reader.messages(mailbox.id)],
    ]);
    return sound([totals, mailboxes, [...view.items()], view.tombstones(), view.pending(), view.problems()]);
  } finally {
    reader.close();
  }
}

const PAGE_BYTES = 4096;

/** The header of the file and those of its pages, with the places of the first cells. @see sqlite.org/fileformat2.html */
export function pagesOf(bytes: Buffer): Structure {
  const header = [16, 18, 28, 32, 36, 44, 52, 56, 60, 68];
  const pages = Array.from({ length: Math.floor(bytes.length / PAGE_BYTES) }, (_, i) => i * PAGE_BYTES);
  const heads = pages.flatMap((page) => [0, 1, 3, 5, 7, 8, 10, 12].map((at) => (page === 0 ? 100 : page) + at));
  return {
    fields: [...header.map((at) => ({ at, width: 4 as const })), ...heads.map((at) => ({ at, width: 2 as const }))],
    blocks: pages.map((at) => ({ at, length: PAGE_BYTES })),
  };
}

const RECHECK_LIST = `{"type":"recheck","version":1,"primary":"0a1b","replica":"2c3d"}
{"class":"file-corrupt","state":"damaged","side":"replica","mailbox":"user.alice","uniqueid":"0123","uid":5}
{"class":"seen-differs","state":"diverged","side":"unknown","mailbox":null,"mailboxBytes":"dXNlci7/","uniqueid":null,"owner":"bob"}
{"type":"end","findings":2}
`;

/** Any bytes as packed messages: rows of four groups, one after the other. */
function unpackAll(bytes: Buffer) {
  const sizes = [CORE_BYTES, EXT_BYTES, CONTENT_BYTES, STAT_BYTES];
  const count = Math.floor(bytes.length / sizes.reduce((sum, size) => sum + size, 0));
  let at = 0;
  const [core, ext, content, stat] = sizes.map((size) => {
    at += count * size;
    return bytes.subarray(at - count * size, at);
  }) as [Buffer, Buffer, Buffer, Buffer];
  const packed: PackedMessages = { count, core, ext, content, stat, flagTexts: ["", "\\seen"] };
  return sound(Array.from({ length: count }, (_, row) => [unpackMessage(packed, row), unpackStat(packed, row)]));
}

/** Flag names, one a line, to the canonical text and back. */
function readFlags(bytes: Buffer) {
  const names = new Set(bytes.toString("latin1").split("\n"));
  const text = canonicalFlags(names);
  if (canonicalFlags([...names].reverse()) !== text) throw new Error("the order of the names shows in their text");
  const lower = new Set([...names].map((name) => name.replace(/[A-Z]/g, (c) => c.toLowerCase())));
  if (lower.size > 1 && flagNames(text).length !== lower.size) throw new Error("two sets of flags have one text");
  return sound(text);
}

export const manifestTargets: readonly FuzzTarget[] = [
  {
    name: "manifest",
    corpus: manifests,
    refusals: [ManifestError],
    read: readManifest,
    structure: pagesOf,
    tokens: ["CREATE TABLE", "CREATE VIEW message AS ", "CREATE TRIGGER "],
    // The seal does not cover unused bytes of a page; what it covers cannot be read otherwise than it was written.
    sealedBytes: () => 0,
  },
  {
    name: "recheck-list",
    corpus: () => [Buffer.from(RECHECK_LIST)],
    refusals: [UsageError],
    read: (bytes) => sound(parseRecheckList(bytes, "/recheck.list")),
    structure: linesOf,
    tokens: ["{", "}", "[", '"', ":", ",", "null", '"__proto__":{},', '"uid":', "1e999", "\\ud800", "\n"],
  },
  {
    name: "packed-messages",
    corpus: () => [Buffer.alloc(3000, 0xff), Buffer.alloc(700)],
    refusals: [],
    read: unpackAll,
  },
  {
    name: "flags",
    corpus: () => [Buffer.from("\\Seen\n$Forwarded\n$label1\nJunk")],
    refusals: [],
    read: readFlags,
    structure: linesOf,
    tokens: [" ", "%", "%20", "\0", "\n", "A", "a", "\xff"],
  },
];
