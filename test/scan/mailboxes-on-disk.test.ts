/** Mailbox lists of kinds that cannot be read: what is found on disk instead, and what is made of it. */
import assert from "node:assert/strict";
import { appendFileSync, cpSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { after, before, beforeEach, describe, it } from "node:test";
import type { Variance } from "../../src/compare/variance.ts";
import { openStore } from "../../src/store/registry.ts";
import { type FixtureName, unpackFixture } from "../support/fixtures.ts";
import { compareFiles, scanConf } from "../support/pipeline.ts";

/** What makes a list one of the kinds. */
const KINDS: Readonly<Record<string, { readonly make: (list: string) => void; readonly found: RegExp }>> = {
  "Berkeley DB": {
    make: (list) => writeFileSync(list, Buffer.from(`${"\0".repeat(12)}\x62\x31\x05\0\x09\0\0\0`, "latin1")),
    found: /this is a Berkeley DB database/,
  },
  SQLite: { make: (list) => writeFileSync(list, "SQLite format 3\0…"), found: /this is a SQLite database/ },
  zeroskip: {
    make: (list) => {
      rmSync(list);
      mkdirSync(list);
      writeFileSync(join(list, ".zsdb"), "zeroskip\0");
    },
    found: /this is a zeroskip database/,
  },
  "an SQL server": {
    make: (list) => {
      const conf = join(dirname(list), "../imapd.conf");
      writeFileSync(conf, readFileSync(conf, "latin1").replace(/^mboxlist_db:.*/m, "mboxlist_db: sql"), "latin1");
    },
    found: /by "mboxlist_db: sql" it is kept in an SQL database/,
  },
  "nobody knows what": {
    make: (list) => writeFileSync(list, "what is this?\n\tno list\n"),
    found: /this is no database of a known kind/,
  },
};

type Host = "primary" | "replica";

for (const fixture of ["a-legacy-insync", "b-uuid-insync"] as const) {
  describe(`a scan without a mailbox list, ${fixture}`, () => suite(fixture));
}

function suite(fixture: FixtureName): void {
  let pair: ReturnType<typeof unpackFixture>;
  let whole: Readonly<Record<Host, string>>;
  const list = (host: Host) => join(pair.root, host, "conf/mailboxes.db");
  const scan = (host: Host, name = "without.db") =>
    scanConf(join(pair.root, host, "imapd.conf"), join(pair.root, host, `../${name}`), { level: "full" });
  const open = (host: Host) =>
    openStore("cyrus", { configFile: join(pair.root, host, "imapd.conf"), partitions: [], configDirectory: null });
  const brief = (variances: readonly Variance[]) =>
    variances.map(({ class: name, state, side, rule, subject }) => [name, state, side, rule, subject.mailbox]);
  const unreadList = (side: Host) => ["mailbox-list-unreadable", "unproven", side, "not-read", null];

  before(async () => {
    const other = unpackFixture(fixture);
    pair = other;
    whole = { primary: await scan("primary", "primary.db"), replica: await scan("replica", "replica.db") };
  });
  after(() => rmSync(dirname(pair.root), { recursive: true, force: true }));

  // By name once is enough: what the list is does not change what lies on disk.
  for (const [kind, { make, found }] of fixture === "a-legacy-insync" ? Object.entries(KINDS) : []) {
    it(`finds every mailbox by its directory where the list is in ${kind}`, async () => {
      const fresh = unpackFixture(fixture);
      try {
        const configFile = join(fresh.root, "replica/imapd.conf");
        const config = { configFile, partitions: [], configDirectory: null };
        const listed = await (await openStore("cyrus", config)).readMailboxList();
        make(join(fresh.root, "replica/conf/mailboxes.db"));
        const store = await openStore("cyrus", config);
        const { unread, mailboxes } = await store.readMailboxList();
        assert.equal(unread?.what, "unread-list");
        assert.match(unread.found, found);
        assert.deepEqual(mailboxes, []);
        assert.match(store.description[0] ?? "", found);
        const manifest = await scanConf(configFile, join(fresh.root, "x.db"), { level: "index" });
        const { variances, summary } = compareFiles(whole.primary, manifest);
        assert.deepEqual(brief(variances), [unreadList("replica")]);
        assert.equal(summary.counts.mailboxes.compared, listed.mailboxes.length);
      } finally {
        fresh.cleanup();
      }
    });
  }

  describe("when that is Berkeley DB", () => {
    beforeEach(() => {
      pair.cleanup();
      pair = unpackFixture(fixture);
    });
    const forget = (host: Host) => KINDS["Berkeley DB"]?.make(list(host));

    for (const sides of [["primary"], ["replica"], ["primary", "replica"]] as const) {
      it(`compares all messages, and could not tell of the list of ${sides.join(" and ")}`, async () => {
        const [p, r] = [await scan("primary", "p.db"), await scan("replica", "r.db")];
        for (const host of sides) forget(host);
        const primary = sides.some((host) => host === "primary") ? await scan("primary", "without-p.db") : p;
        const replica = sides.some((host) => host === "replica") ? await scan("replica", "without-r.db") : r;
        const { variances, summary } = compareFiles(primary, replica);
        assert.deepEqual(brief(variances), sides.map(unreadList));
        assert.equal(summary.exitCode, 3);
        // Whose subscriptions, seen state, scripts and annotations there are is not known without a list.
        const unknown = { list: "unknown", flags: "unknown", metadata: "unknown" };
        const same = { status: "same", uids: "same", content: "same", acl: "same", store: "same" };
        assert.deepEqual(summary.checks, { ...unknown, ...same });
        assert.equal(summary.counts.mailboxes.compared, compareFiles(p, r).summary.counts.mailboxes.compared);
        const hosts = sides.map((side) => summary[side].host).join(" and ");
        assert.ok(summary.scope.notComparable.includes(`foldermodseq: the mailbox list of ${hosts} was not read`));
      });
    }

    it("does not take a mailbox for two that is renamed meanwhile", async () => {
      const { mailboxes } = await (await open("replica")).readMailboxList();
      const [from = ""] = mailboxes.find(({ name }) => name === "user.alice.Sent")?.messageDirectories ?? [];
      const listed = await scan("primary", "partner.db");
      cpSync(from, `${from}.new`, { recursive: true, preserveTimestamps: true });
      forget("replica");
      setTimeout(() => rmSync(`${from}.new`, { recursive: true }), 500);
      const { variances } = compareFiles(listed, await scan("replica", "renamed.db"));
      assert.deepEqual(brief(variances), [unreadList("replica")]);
    });

    for (const host of ["primary", "replica"] as const) {
      it(`neither believes nor denies that a mailbox is missing on the ${host}, and finds damage all the same`, async () => {
        const { mailboxes } = await (await open("replica")).readMailboxList();
        const partner = await scan(host === "primary" ? "replica" : "primary", "partner.db");
        const gone = mailboxes.find(({ name }) => name === "user.alice.Sent");
        const broken = mailboxes.find(({ name }) => name === "user.bob");
        assert.ok(gone !== undefined && broken !== undefined);
        const here = (path: string) => path.replace(join(pair.root, "replica"), join(pair.root, host));
        renameSync(here(gone.messageDirectories[0] ?? ""), join(pair.root, "aside"));
        appendFileSync(here(`${broken.messageDirectories[0]}/1.`), "more");
        forget(host);
        const manifest = await scan(host, "damaged.db");
        const { variances } = host === "primary" ? compareFiles(manifest, partner) : compareFiles(partner, manifest);
        const expected = [
          unreadList(host),
          ["file-size-differs", "damaged", host, "own-records", "user.bob"],
          ["mailbox-missing", "unproven", host, "list-not-read", "user.alice.Sent"],
        ];
        assert.deepEqual(brief(variances).sort(), expected.sort());
      });
    }
  });
}
