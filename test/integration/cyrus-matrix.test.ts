/**
 * Real Cyrus IMAP pairs, one for each row of a table of layouts, so that every option of a spool's layout occurs: two
 * servers that replication has made equal are found equal, and on both of them all that IMAP, ManageSieve and Cyrus' own
 * tools say is what the compiled program reads from disk.
 */
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { ExitCode } from "../../src/errors.ts";
import { cyrusToTestWith } from "../support/cyrus-server/binaries.ts";
import type { LayoutOptions } from "../support/cyrus-server/configuration.ts";
import { judgeAll, type ListedMailbox, listedMailboxes } from "../support/cyrus-server/judge.ts";
import { judgeIndexes } from "../support/cyrus-server/judge-index.ts";
import {
  judgeAcl,
  judgeAnnotations,
  judgeQuotas,
  judgeSeen,
  judgeSubscriptions,
} from "../support/cyrus-server/judge-items.ts";
import { judgeDatabases, judgeMailboxList } from "../support/cyrus-server/judge-list.ts";
import { judgeScripts } from "../support/cyrus-server/judge-sieve.ts";
import { ManifestTables } from "../support/cyrus-server/manifest-tables.ts";
import { changeMatrix, type MatrixMail, seedMatrix } from "../support/cyrus-server/matrix-seed.ts";
import { namespaceOf } from "../support/cyrus-server/namespace.ts";
import { CyrusPair, type CyrusSide } from "../support/cyrus-server/pair.ts";
import { messageLines, Scans, SIDES, statusLine } from "../support/cyrus-server/scans.ts";
import { chosenSeed, createRandom } from "../support/random.ts";

/** One pair of the matrix: what both sides have, and what only one of them has. */
interface MatrixRow {
  readonly both: LayoutOptions;
  readonly primary?: Partial<LayoutOptions>;
  readonly replica?: Partial<LayoutOptions>;
  /** `cyr_expire` on one side alone, once in sync: each host does it on its own schedule. */
  readonly expire?: CyrusSide;
}

const ALL_META = ["header", "index", "cache", "expunge", "squat", "annotations", "lock", "dav", "archivecache"];
const SKIPLIST = {
  subscription_db: "skiplist",
  seenstate_db: "skiplist",
  annotation_db: "skiplist",
  quota_db: "skiplist",
} as const;
const TWOSKIP = {
  subscription_db: "twoskip",
  seenstate_db: "twoskip",
  annotation_db: "twoskip",
  quota_db: "twoskip",
} as const;
/** Cyrus refuses `annotation_db: flat`. */
const FLAT = { subscription_db: "flat", seenstate_db: "flat", quota_db: "flat" } as const;
/** Of the messages, some are older and some younger. */
const AGES = { middle: "5000d", other: "3000d" };

const MATRIX: Readonly<Record<string, MatrixRow>> = {
  "legacy; dots part levels; skiplist; default expunge mode": {
    both: {
      layout: "legacy",
      mailboxList: "skiplist",
      databases: SKIPLIST,
      expunge: "default",
      namespace: { separator: "." },
    },
    expire: "primary",
  },
  "legacy with hashimapspool against uuid with index and header apart": {
    both: { layout: "uuid" },
    primary: { layout: "legacy", hash: true, databases: FLAT },
    replica: { metaFiles: ["header", "index"] },
    expire: "replica",
  },
  "legacy with hashimapspool and fulldirhash; domains; flat; modseqs by mailbox": {
    both: {
      layout: "legacy",
      hash: true,
      fullHash: true,
      conversations: false,
      mailboxList: "flat",
      databases: FLAT,
      namespace: { defaultDomain: "default.test" },
    },
  },
  "uuid; archive; two partitions with other paths; twoskip; immediate expunge and delete": {
    both: {
      layout: "uuid",
      databases: TWOSKIP,
      expunge: "immediate",
      delete: "immediate",
      second: "disk2",
      archiveAfter: AGES.middle,
    },
    replica: { second: "elsewhere" },
  },
  "legacy with fulldirhash and everything apart against both hashes, archive and cache apart; altnamespace": {
    both: { layout: "legacy", fullHash: true, second: "disk2", namespace: { alternative: true } },
    primary: { metaFiles: ALL_META },
    replica: { hash: true, second: "old.disk", metaFiles: ["cache"], archiveAfter: AGES.middle },
  },
  "uuid with domains and twoskip against legacy with both hashes and skiplist": {
    both: { layout: "uuid", namespace: { defaultDomain: "default.test" } },
    primary: { databases: TWOSKIP, archiveAfter: AGES.other, metaFiles: ["index", "annotations"] },
    replica: { layout: "legacy", hash: true, fullHash: true, databases: SKIPLIST, mailboxList: "skiplist" },
    expire: "replica",
  },
  "legacy with domains and hashimapspool; archive and everything apart; semidelayed expunge": {
    both: {
      layout: "legacy",
      hash: true,
      expunge: "semidelayed",
      archiveAfter: AGES.other,
      namespace: { defaultDomain: "default.test" },
    },
    primary: { metaFiles: ["header", "annotations", "archivecache"], metaDirectories: ["index", "cache"] },
    replica: { metaFiles: ALL_META, conversations: false },
  },
};
const MESSAGES = 60;

const { binaries, missing } = cyrusToTestWith();
const seedNumber = chosenSeed();

for (const [name, row] of Object.entries(MATRIX)) {
  describe(`Cyrus IMAP pair: ${name}`, { skip: missing ?? false }, () => rowSuite(row));
}

function rowSuite(row: MatrixRow): void {
  const options = { primary: { ...row.both, ...row.primary }, replica: { ...row.both, ...row.replica } };
  const namespace = namespaceOf(row.both);
  let pair: CyrusPair;
  let mail: MatrixMail;
  let scans: Scans;
  const manifests = { primary: "", replica: "" };

  before(async (context) => {
    assert(binaries !== null);
    context.diagnostic?.(`SPOOLDIFF_SEED=${seedNumber}`);
    const random = createRandom(seedNumber);
    pair = await CyrusPair.start(binaries, options.primary, options.replica);
    scans = new Scans(pair);
    mail = await seedMatrix(pair, random, { namespace, second: row.both.second !== undefined, messages: MESSAGES });
    await pair.sync();
    await changeMatrix(pair, random, namespace, mail);
    await pair.sync();
    for (const side of SIDES) await moveToArchive(pair, side, options[side]);
    if (row.expire !== undefined) await pair.output(row.expire, "cyr_expire", ["-E", "1", "-X", "0d", "-D", "0d"]);
  });

  after(async () => {
    scans?.delete();
    await pair?.stop();
  });

  it("compare finds them equal, whichever is scanned first", async () => {
    const replica = await scans.scan("replica");
    manifests.primary = await scans.scan("primary", "--after", replica);
    manifests.replica = await scans.scan("replica");
    for (const manifest of [replica, manifests.replica]) {
      const { status, findings } = await scans.compare(manifests.primary, manifest);
      assert.deepEqual(findings, []);
      assert.equal(status, ExitCode.ok);
    }
  });

  for (const side of SIDES) {
    it(`what was read of the ${side} is what IMAP, ManageSieve and Cyrus' tools say`, async () => {
      const tables = new ManifestTables(manifests[side]);
      await judgeMailboxList(pair, side, tables);
      await judgeIndexes(pair, side, namespace, tables);
      await judgeMessages(side, manifests[side]);
      await judgeItems(side, tables);
      const users = mail.users.map(({ name }) => name);
      const databases = await judgeDatabases(pair, side, options[side], users);
      assert.deepEqual([...new Set(databases)].sort(), expectedDatabases(options[side]));
    });
  }

  /** STATUS, FETCH, stat and md5sum against `inspect --messages`. */
  async function judgeMessages(side: CyrusSide, manifest: string): Promise<void> {
    const printed = await scans.inspect(manifest);
    const judged = await judgeAll(pair, side, await mailMailboxes(side));
    assert(judged.length > 40, "hardly anything was seeded");
    const roots = new Set(
      judged.flatMap(({ files }) => [...files.values()].map(({ path }) => rootOf(path, pair, side))),
    );
    assert.deepEqual([...roots].sort(), expectedRoots(options[side]), `folders with messages on the ${side}`);
    for (const mailbox of judged) {
      assert.deepEqual(printed.mailbox(mailbox), statusLine(mailbox), `${side} ${mailbox.name}`);
      assert.deepEqual(printed.messages(mailbox), messageLines(mailbox), `${side} ${mailbox.name}`);
    }
  }

  /** Without those that hold scripts: no session may open them. */
  async function mailMailboxes(side: CyrusSide): Promise<readonly ListedMailbox[]> {
    return (await listedMailboxes(pair, side, namespace)).filter(({ type }) => type === "e");
  }

  async function judgeItems(side: CyrusSide, tables: ManifestTables): Promise<void> {
    const { items } = tables;
    const admin = { session: await pair.imap(side), namespace, items };
    await judgeQuotas(admin, 2 * mail.users.length);
    await judgeAnnotations(admin, "", null, "");
    const listed = await mailMailboxes(side);
    // Where all share one \Seen it is a flag of the index like any other.
    const ownSeen = listed.map(({ name }) => name).filter((name) => (Number(tables.mailbox(name).options) & 4) === 0);
    assert(ownSeen.length < listed.length);
    let [seen, scripts] = [0, 0];
    for (const { name: user } of mail.users) {
      const own = { ...admin, session: await pair.imap(side, user) };
      await judgeSubscriptions(own, user);
      seen += await judgeSeen(own, user, ownSeen);
      scripts += await judgeScripts(pair, side, user, items);
    }
    assert(seen > 0 && scripts > 0, `${seen} messages seen, ${scripts} scripts`);
    for (const { name, owner, sessionName } of listed) {
      const own = { ...admin, session: await pair.imap(side, owner ?? undefined) };
      await judgeAcl(own, name, sessionName);
      await judgeAnnotations(own, owner ?? "", name, sessionName);
    }
  }
}

/** Moves what is old enough; where something moves, not all of it may. */
async function moveToArchive(pair: CyrusPair, side: CyrusSide, { archiveAfter }: LayoutOptions): Promise<void> {
  if (archiveAfter !== undefined) await pair.output(side, "cyr_expire", ["-A", archiveAfter]);
}

/** The folder of a partition that a file is in. */
function rootOf(path: string, { folder }: CyrusPair, side: CyrusSide): string {
  return path.slice(`${folder}/${side}/`.length).split("/")[0] ?? "";
}

/** Every folder that must have messages: of an archive, because some are old enough and some are not. */
function expectedRoots({ archiveAfter, second }: LayoutOptions): string[] {
  const archived = archiveAfter !== undefined;
  const roots = ["spool", ...(archived ? ["archive"] : [])];
  if (second !== undefined) roots.push(second, ...(archived ? [`${second}-archive`] : []));
  return roots.sort();
}

/** Every database that a side must have, by setting and back end; a file for each quota root is none. */
function expectedDatabases({ databases = {}, mailboxList = "twoskip" }: LayoutOptions): string[] {
  const backEnds = { annotation_db: "twoskip", seenstate_db: "twoskip", subscription_db: "flat", ...databases };
  return Object.entries({ mboxlist_db: mailboxList, ...backEnds })
    .map(([name, backEnd]) => `${name} ${backEnd}`)
    .sort();
}
