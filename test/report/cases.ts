import type { Inspection } from "../../src/compare/inspection.ts";
import type { Findings } from "../../src/compare/variance.ts";
import { byteString, displayName } from "../../src/mail/name.ts";
import {
  allChecks,
  findingsOf,
  inspectionOf,
  mailboxResult,
  note,
  replicaSummary,
  sideSummary,
  variance,
} from "../support/findings.ts";

const MX1 = "mx1.example.org";
const MX2 = "mx2.example.org";
const DIGEST = "0f3c9a1be0225d7f4e61a1c09b7d8e33";
const OTHER = "77aa01c3d94e5b6c8f2d1e0fa9b8c7d6";

/** Nothing differs; both sides read at different levels of detail. */
export const inSync: Findings = findingsOf([], {
  mailboxes: [mailboxResult(), mailboxResult({ mailbox: "user.bob" })],
});

/** The replica is behind, and nothing else. */
export const lagging: Findings = findingsOf(
  [
    ...[41, 42, 43].map((uid) =>
      variance({
        class: "message-missing",
        state: "in-flight",
        cause: "lag",
        ageSeconds: 754,
        rule: "uid-above-last",
        subject: { mailbox: "user.alice", uid },
        primary: { size: 8411, modseq: "90" },
        explain: `${MX1} has the message, ${MX2} had not reached it when it was read; replication will bring it.`,
      }),
    ),
    variance({
      class: "flags-differ",
      state: "in-flight",
      cause: "race",
      rule: "modseq-above-hms",
      subject: { mailbox: "user.bob.Lists", uid: 7 },
      primary: { flags: ["\\seen", "\\flagged"], modseq: "120" },
      replica: { flags: [], modseq: "118" },
      explain: `The flags changed on ${MX1} after ${MX2} was read.`,
    }),
  ],
  {
    summary: {
      order: { kind: "replica-first", proved: false, gapSeconds: 893 },
      exposure: {
        ...{ messages: 3, bytes: "25233", users: 1, oldest: "2026-03-01T01:42:38Z", betweenScans: 0, exact: true },
      },
      lag: { messages: 3, bytes: "25233", seconds: 754, median: 754, p95: 754 },
      next: "spooldiff trend pair.db",
    },
  },
);

/** Many classes in every state. */
export const damaged: Findings = findingsOf(
  [
    variance({
      class: "index-counters-wrong",
      side: "both",
      subject: { mailbox: "user.carol", item: "unseen" },
      primary: { stored: 4, counted: 3 },
      replica: { stored: 4, counted: 3 },
      explain: "The index header counts 4 unseen messages, its records have 3, on both hosts.",
      repair:
        "Run reconstruct on mx1.example.org after the mailbox has been looked at; replication then carries it over.",
    }),
    ...[1, 5, 9, 12, 40].map((uid) =>
      variance({
        class: "file-corrupt",
        subject: { mailbox: "user.alice.Projects", uid, path: `/var/spool/imap/a/user/alice/Projects/${uid}.` },
        primary: { size: 8411, md5: DIGEST },
        replica: { size: 8411, md5: OTHER },
        explain: `The file on ${MX2} does not have the content that its GUID names; the one on ${MX1} does.`,
        repair: `Copy the file from ${MX1}; replication will not, since both indexes agree.`,
      }),
    ),
    variance({
      class: "mailbox-renamed",
      state: "diverged",
      subject: { mailbox: "user.dora.Old", otherMailbox: "user.dora.Archive.2024" },
      messages: 1204,
      absorbed: { "mailbox-missing": 3, "subscription-differs": 1 },
      explain: `The mailbox was renamed on ${MX2}, which has the higher foldermodseq.`,
      repair: null,
    }),
    variance({
      class: "message-conflict",
      state: "diverged",
      side: "replica",
      subject: { mailbox: "user.erin", uid: 88 },
      primary: { guid: `${DIGEST}01020304`, size: 1200 },
      replica: { guid: `${OTHER}01020304`, size: 1733 },
      explain: `One UID holds two different messages: ${MX1} and ${MX2} both took mail for this mailbox.`,
      repair: "Stop replication of this user before anything else.",
    }),
    variance({
      class: "subscription-differs",
      state: "diverged",
      side: "unknown",
      subject: { mailbox: null, uniqueId: null, owner: "dora", key: "user.dora.Lists" },
      explain: `${MX1} has the subscription, ${MX2} has not; nothing tells when either changed.`,
    }),
    variance({
      class: "message-missing",
      state: "in-flight",
      cause: "lag",
      ageSeconds: 93_784,
      subject: { mailbox: "user.alice", uid: 41 },
      primary: { size: 8411, modseq: "90" },
      explain: `${MX1} has the message, ${MX2} had not reached it when it was read.`,
    }),
    variance({
      class: "partition-unreadable",
      state: "unproven",
      side: "primary",
      subject: { mailbox: null, uniqueId: null, path: "/srv/imap/archive-2019" },
      messages: 91_002,
      explain: `The root of partition archive on ${MX1} is empty while the mailbox list has mailboxes there.`,
      repair: "Mount it and scan again.",
    }),
  ],
  {
    notes: [
      note({
        mailbox: "user.alice",
        count: 12,
        explain: `12 records on ${MX2} have no GUID: their content was compared by MD5.`,
      }),
      note({
        class: "pending-work",
        mailbox: null,
        side: "primary",
        explain: `${MX1} has 3 names in its replication log.`,
      }),
    ],
    summary: {
      next: "spooldiff scan -C /etc/imapd.conf --only recheck/recheck.list --after mx2.db -o mx1-recheck.db --host 'mx1 of example'",
      scope: {
        level: "full",
        checks: ["list", "status", "uids", "flags", "content", "metadata", "acl", "store"],
        outside: ["calendars and address books", "search indexes"],
        notComparable: [`savedate: the index of ${MX2} is version 12, which has none`],
        narrowedBy: ["--include user.*"],
      },
    },
  },
);

/** Something could not be read. */
export const incomplete: Findings = findingsOf(
  [
    variance({
      class: "mailbox-unreadable",
      state: "unproven",
      subject: { mailbox: "user.frank" },
      explain: `The index on ${MX2} could not be opened: EACCES.`,
      repair: "Scan as the user that the mail server runs as.",
    }),
  ],
  {
    summary: {
      primary: sideSummary({
        level: "stat",
        coverage: {
          level: "stat",
          messages: 12,
          bytes: "99000",
          bytesReadNow: "0",
          bytesCarried: "0",
          oldestCarried: null,
        },
      }),
      checks: { ...allChecks("same"), content: "unknown", store: "unknown", acl: "not-checked" },
      order: { kind: "overlapping", proved: false, gapSeconds: 0 },
      incomplete: ["1 mailbox could not be read", "the scans are 14 h apart, more than --max-gap 12h"],
      next: "spooldiff inspect mx2.db",
    },
  },
);

/** Names as an attacker, or an unlucky user, would choose them; byte strings. */
export const HOSTILE_NAMES: readonly string[] = [
  "user.alice.\x1b[2J\x1b[31mred",
  "user.alice.two\nlines\r\ttab",
  "=cmd|'/c calc'!A1",
  "<script>alert(1)</script>",
  "a|b|c",
  "user.caf\xe9",
  byteString("user.\u202egnp.exe\u2066"),
  `user.${"long".repeat(75)}`,
  byteString(`user.${"邮件".repeat(60)}`),
  byteString("user.🫠.é.e\u0301\u0301\u0301\u0301\u0301\u0301\u0301"),
  byteString("user.c1\u0085\u009b31m.nbsp\u00a0.zwj\u200d.ls\u2028"),
  "user.back\\x1b.slash",
  " user.spaces ",
  "",
];

/** The same as texts: where sentences, fields and lists hold them. */
const HOSTILE_TEXTS: readonly string[] = HOSTILE_NAMES.map((name) => displayName(name).text);

/** Every hostile name at every place that takes one. */
export const hostile: Findings = findingsOf(
  HOSTILE_NAMES.flatMap((name, i) => [
    variance({
      subject: { mailbox: name, otherMailbox: name, uid: 1, path: `/spool/${name}`, item: HOSTILE_TEXTS[i] ?? "" },
      primary: { [HOSTILE_TEXTS[i] ?? ""]: HOSTILE_TEXTS[i] ?? "", list: HOSTILE_TEXTS.slice(0, 2) },
      replica: { md5: HOSTILE_TEXTS[i] ?? "" },
      explain: `The mailbox ${HOSTILE_TEXTS[i]} is damaged.`,
      repair: `Look at ${HOSTILE_TEXTS[i]}`,
    }),
    variance({
      state: "diverged",
      class: "seen-differs",
      subject: { mailbox: null, uniqueId: null, owner: name, key: name },
    }),
  ]).sort((a, b) => (a.state < b.state ? -1 : a.state > b.state ? 1 : 0)),
  {
    notes: HOSTILE_NAMES.map((name, i) => note({ class: `odd-${i}`, mailbox: name, explain: HOSTILE_TEXTS[i] ?? "" })),
    summary: {
      primary: sideSummary({ host: "mx\x1b]0;owned\x07\u202e", file: "a\nb.db", store: "\x1b[2J\x9b" }),
      replica: replicaSummary({ host: `mx2.${"very-long-label.".repeat(16)}example.org` }),
      incomplete: [...HOSTILE_TEXTS],
      scope: {
        level: "full\n",
        checks: ["list"],
        outside: [...HOSTILE_TEXTS],
        notComparable: [...HOSTILE_TEXTS],
        narrowedBy: [...HOSTILE_TEXTS],
      },
      next: "spooldiff inspect 'a\nb.db'",
    },
  },
);

/** One host by itself, with a mailbox that could not be read. */
export const inspected: Inspection = inspectionOf(
  [
    variance({
      class: "file-missing",
      subject: { mailbox: "user.alice", uid: 3, path: "/var/spool/imap/a/user/alice/3." },
      replica: { size: 512, guid: `${DIGEST}01020304` },
      explain: `The index on ${MX2} has the message, its file is not there.`,
      repair: "Look on the other host for the file before anything is reconstructed.",
    }),
  ],
  {
    notes: [note({ count: 4 })],
    incomplete: ["1 mailbox could not be read"],
    mailboxes: [
      {
        mailbox: "user.alice",
        uniqueId: "6b2e8a",
        partition: "default",
        status: "read",
        messages: 12,
        unseen: 3,
        uidvalidity: 1_795_504_922,
        uidnext: 13,
        highestmodseq: "41",
        bytes: "99120",
      },
      {
        mailbox: "user.caf\xe9",
        uniqueId: null,
        partition: "default",
        status: "unreadable",
        messages: null,
        unseen: null,
        uidvalidity: null,
        uidnext: null,
        highestmodseq: null,
        bytes: null,
      },
    ],
  },
);

/** All comparisons by name. */
export const COMPARISONS: Readonly<Record<string, Findings>> = { inSync, lagging, damaged, incomplete, hostile };
