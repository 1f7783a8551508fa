/**
 * A pair in the middle of an upgrade: the real `reconstruct -V` rewrites mailboxes to the index versions that Cyrus has
 * had since 2.1. Nothing about the mail has changed, so nothing may be found; what an older index does not hold is named.
 */
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { ExitCode } from "../../src/errors.ts";
import { jsonLines, spooldiff } from "../support/command-line.ts";
import { cyrusToTestWith } from "../support/cyrus-server/binaries.ts";
import { type ListedMailbox, listedMailboxes } from "../support/cyrus-server/judge.ts";
import { judgeIndexes } from "../support/cyrus-server/judge-index.ts";
import { ManifestTables } from "../support/cyrus-server/manifest-tables.ts";
import { changeMatrix, seedMatrix } from "../support/cyrus-server/matrix-seed.ts";
import { administratorName, namespaceOf } from "../support/cyrus-server/namespace.ts";
import { CyrusPair, type CyrusSide } from "../support/cyrus-server/pair.ts";
import { byText, findingText, Scans } from "../support/cyrus-server/scans.ts";
import { uidsOf } from "../support/cyrus-server/seed.ts";
import { chosenSeed, createRandom } from "../support/random.ts";

/** Every version that `reconstruct -V` of Cyrus 3.6 writes. To 10 it goes by way of 9: else \Seen would be in its way. */
const VERSIONS = [6, 7, 8, 9, 10, 12, 13, 14, 15, 16, 17] as const;
/** Versions with \Seen, checksums and one order of modseqs. */
const ORDERED = 12;
/** What the report must say of a pair of which one index is of the newest of these versions and others of each older one. */
const NOT_COMPARABLE = [
  "\\Seen of the owner: an index before version 12 has none",
  "cid: an index before version 13 has none",
  "createdmodseq of the mailbox: an index before version 16 has none",
  "createdmodseq: an index before version 16 has none",
  "guid: a SHA-1 in an index of version 10 and later, a UUID in versions 7 to 9, none before",
  "highestmodseq: an index before version 8 has none",
  "modseq: an index before version 8 has none",
  "options but for POP3 UIDLs: an index before version 8 has none",
  "pop3_show_after: an index before version 13 has none",
  "recentuid and recenttime: an index before version 12 has none",
  "savedate: an index before version 15 has none",
];
const MESSAGES = 150;

const { binaries, missing } = cyrusToTestWith();
const seedNumber = chosenSeed();
const namespace = namespaceOf({});

describe("Cyrus IMAP pair that is being upgraded", { skip: missing ?? false }, () => {
  let pair: CyrusPair;
  let scans: Scans;
  let mailboxes: readonly ListedMailbox[];

  before(async (context) => {
    assert(binaries !== null);
    context.diagnostic?.(`SPOOLDIFF_SEED=${seedNumber}`);
    const random = createRandom(seedNumber);
    pair = await CyrusPair.start(binaries, { layout: "legacy", hash: true }, { layout: "uuid" });
    scans = new Scans(pair);
    const mail = await seedMatrix(pair, random, { namespace, second: false, messages: MESSAGES });
    await pair.sync();
    await changeMatrix(pair, random, namespace, mail);
    await pair.sync();
    mailboxes = (await listedMailboxes(pair, "replica")).filter(({ type }) => type === "e");
    await rewrite(pair, "replica", mailboxes, VERSIONS);
  });

  after(async () => {
    scans?.delete();
    await pair?.stop();
  });

  it("reads every version, and from 12 on what mbexamine prints", async () => {
    const tables = new ManifestTables(await scans.scan("replica"));
    const versionOf = (name: string) => Number(tables.mailbox(name).index_version);
    assert.deepEqual(
      [...new Set(tables.names.map(versionOf))].sort((a, b) => a - b),
      [...VERSIONS],
    );
    const ordered = mailboxes.map(({ name }) => name).filter((name) => versionOf(name) >= ORDERED);
    await judgeIndexes(pair, "replica", namespace, tables, ordered);
  });

  it("compare finds nothing, and names once each field that it cannot compare", async () => {
    const replica = await scans.scan("replica");
    const primary = await scans.scan("primary", "--after", replica);
    for (const manifest of [replica, await scans.scan("replica")]) {
      const { status, findings } = await scans.compare(primary, manifest);
      assert.deepEqual(findings, []);
      assert.equal(status, ExitCode.ok);
    }
    const { stdout } = await spooldiff(["compare", primary, replica, "--format", "json"]);
    const scope = jsonLines(stdout).at(-1)?.scope as { readonly notComparable: readonly string[] };
    assert.deepEqual(scope.notComparable, NOT_COMPARABLE);
  });

  it("compare finds nothing where both sides have old versions, and not the same", async () => {
    await rewrite(pair, "primary", mailboxes, [...VERSIONS.slice(3), ...VERSIONS.slice(0, 3)]);
    const { status, findings } = await scans.both();
    assert.deepEqual(findings, []);
    assert.equal(status, ExitCode.ok);
  });

  it("compare names a flag that is missing on the replica, whatever the version", async () => {
    const expected: string[] = [];
    for (const mailbox of mailboxes) {
      const session = await pair.imap("primary", mailbox.owner ?? undefined);
      const [uid] = await uidsOf(session, mailbox.sessionName);
      if (uid === undefined) continue;
      await session.store(mailbox.sessionName, String(uid), "+FLAGS", "Unsynced");
      expected.push(findingText("flags-differ", "in-flight", "replica", mailbox.name, uid));
    }
    const { status, findings } = await scans.both();
    assert.deepEqual(findings, expected.toSorted(byText));
    assert.equal(status, ExitCode.lagging);
  });
});

/** Rewrites mailboxes to these versions, one after the other. */
async function rewrite(
  pair: CyrusPair,
  side: CyrusSide,
  mailboxes: readonly ListedMailbox[],
  versions: readonly number[],
): Promise<void> {
  for (const [at, version] of versions.entries()) {
    const names = mailboxes
      .filter((_, index) => index % versions.length === at)
      .map(({ name }) => administratorName(namespace, name));
    for (const step of version === 10 ? [9, 10] : [version]) {
      await pair.output(side, "reconstruct", ["-V", String(step), ...names]);
    }
  }
}
