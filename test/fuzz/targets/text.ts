/** `cyrus.header`, dlist, `imapd.conf`, the replication log, and the entries of mailboxes.db. */
import { readFileSync } from "node:fs";
import { dirname } from "node:path";
import { ConfigurationError, CorruptStoreError } from "../../../src/errors.ts";
import { decodeFlat } from "../../../src/store/cyrus/cyrusdb/flat.ts";
import { decodeTwoskip } from "../../../src/store/cyrus/cyrusdb/twoskip.ts";
import { parseDlist } from "../../../src/store/cyrus/dlist.ts";
import { readImapdConf } from "../../../src/store/cyrus/imapd-conf.ts";
import { decodeMailboxHeader } from "../../../src/store/cyrus/mailbox-header.ts";
import { decodeMailboxList } from "../../../src/store/cyrus/mailbox-list.ts";
import { readSyncLogs } from "../../../src/store/cyrus/sync-log.ts";
import { writeFlat } from "../../support/cyrusdb-writer.ts";
import { writeMailboxHeader } from "../../support/index-writer.ts";
import { type FuzzTarget, sound } from "../target.ts";
import { linesOf } from "./cyrusdb.ts";
import { scratchFile } from "./scratch.ts";

const DLIST_TOKENS = [
  "(",
  ")",
  "%(",
  " ",
  '"',
  "\\",
  "NIL",
  "{3}\r\nabc",
  "{9999999999}\r\n",
  "{4294967296+}\n",
  "%",
  "()",
];

/** A database as a flat file, so that keys and values can be changed without regard to offsets. */
export function flatOf(entries: readonly (readonly [string, string])[]): Buffer {
  return writeFlat({ transactions: [entries.map(([put, value]) => ({ put, value }))], tail: [] });
}

function modernList(): Buffer {
  const path = new URL("../../fixtures/cyrusdb/3.6-b-uuid-primary.twoskip", import.meta.url);
  return flatOf(decodeTwoskip(readFileSync(path), "/db"));
}

const HISTORY_OF_NAMES = "H (%(N user\x1fbob\x1fOld M 1700000000 V 1600000000 C 1 F 9 T e P default))";
const LISTS: readonly (readonly (readonly [string, string])[])[] = [
  [
    [
      "Iabc",
      `%(N user\x1fbob T e P default V 1600000000 C 1 F 12 M 1700000000 A %(bob lrswipkxtecdan) ${HISTORY_OF_NAMES})`,
    ],
    ["Nuser\x1fbob", "%(I abc T e P default V 1600000000 C 1 F 12 M 1700000000 A %(bob lrswipkxtecdan))"],
    ["Nuser\x1fgone", "%(I def T ed V 1600000001 F 20 M 1700000100)"],
  ],
  [
    ["$RACL$U$bob", ""],
    ["user.alice", '%(A %(alice lrswipkxtecdan "a b" lr) I 0123 P default V 1600000000 F 3 M 1500000000)'],
    ["user.alice.Gone", "%(I 4567 T d F 5 M 1500000001)"],
    ["user.alice.Far", "%(I 89ab S mx3 P default T r)"],
  ],
  [
    ["user.alice", "0 default alice\tlrswipkxtecda\tanyone\tp\t"],
    ["user.bob", "(uniqueid 7d6f4f1a4b2c3d4e specialuse \\Sent) 4 mx!fast bob\tlrs\t"],
    ["user.moving", "8 default"],
  ],
];

const IMAPD_CONF = `# a comment \\
that goes on
configdirectory: /var/lib/imap
partition-default: /var/spool/imap
metapartition_files: header index \\
  cache expunge
hashimapspool: yes
sync_password: secret
`;

const SYNC_LOG = [
  "USER alice",
  "MAILBOX user.alice.v1^2",
  'APPEND "user.alice.A B"',
  'DOUBLEMAILBOX user.alice.a "user.alice.\\"b\\\\ (c)"',
  "SEEN alice user.bob",
  "UNSUB alice user.bob.x",
  "RENAME user.a user.b",
  'ANNOTATION ""',
];

function header(textForm: boolean): Buffer {
  return writeMailboxHeader({
    name: "user.alice",
    uniqueId: "0123456789abcdef",
    quotaRoot: "user.alice",
    acl: [
      ["alice", "lrswipkxtecdan"],
      ["anyone", "p"],
    ],
    flagNames: ["$Forwarded", null, "Junk"],
    textForm,
  });
}

export const textTargets: readonly FuzzTarget[] = [
  {
    name: "cyrus-header",
    corpus: () => [header(true), header(false)],
    refusals: [CorruptStoreError],
    read: (bytes) => sound(decodeMailboxHeader(bytes, "/cyrus.header")),
    structure: linesOf,
    tokens: [...DLIST_TOKENS, "\t", "\n"],
  },
  {
    name: "dlist",
    corpus: () =>
      ["%(A (1 2) B %(c d) E NIL)", '("q\\"x" {3}\r\na)b ())', "(((((((((1)))))))))"].map((text) => Buffer.from(text)),
    refusals: [CorruptStoreError],
    read: (bytes) => sound(parseDlist(bytes.toString("latin1"), "/dlist")),
    tokens: DLIST_TOKENS,
  },
  {
    name: "mailboxes-db",
    corpus: () => [modernList(), ...LISTS.map(flatOf)],
    refusals: [CorruptStoreError],
    // Problems are no mark here: one of the samples has a mailbox that is being moved.
    read: (bytes) => sound(decodeMailboxList(decodeFlat(bytes, "/mailboxes.db"), "/mailboxes.db")),
    structure: linesOf,
    tokens: [...DLIST_TOKENS, "\t", "\n", "\x1f", "\x1d", "!", "H ", "N"],
  },
  {
    name: "imapd-conf",
    corpus: () => [Buffer.from(IMAPD_CONF)],
    refusals: [ConfigurationError],
    read: (bytes) => sound([...readImapdConf(scratchFile("imapd.conf", bytes)).settings]),
    structure: linesOf,
    tokens: [
      "@include: ",
      "@include: imapd.conf\n",
      "@include: /dev/zero\n",
      "@include: .\n",
      "\\\n",
      ":",
      "#",
      "\n",
      "\0",
    ],
  },
  {
    name: "sync-log",
    corpus: () => [Buffer.from(`${SYNC_LOG.join("\n")}\n`)],
    refusals: [],
    read: (bytes) => {
      const { names, problems } = readSyncLogs(dirname(scratchFile("sync/log", bytes)));
      return { value: { names, problems }, marked: problems.length > 0 };
    },
    structure: linesOf,
    tokens: ['"', "\\", " ", "(", ")", "\n", "USER", "\t"],
  },
];
