/** Where items lie in each layout, and what becomes of those that cannot be read. */
import assert from "node:assert/strict";
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, it } from "node:test";
import type { ItemReading } from "../../../../src/store/mail-store.ts";
import { openStore } from "../../../../src/store/registry.ts";
import { writeFlat, writeSkiplist, writeTwoskip } from "../../../support/cyrusdb-writer.ts";
import { EXPUNGED, writeIndex, writeMailboxHeader } from "../../../support/index-writer.ts";
import { writeAnnotationValue } from "./annotation-writer.ts";

type Entries = Readonly<Record<string, string>>;

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "spooldiff-items-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

function write(path: string, content: string | Buffer): void {
  mkdirSync(dirname(join(folder, path)), { recursive: true });
  writeFileSync(join(folder, path), content);
}

const history = (entries: Entries) => ({
  transactions: [Object.entries(entries).map(([put, value]) => ({ put, value }))],
  tail: [],
});

/** A database of any back end. */
function database(path: string, entries: Entries, writer = writeFlat): void {
  write(path, writer(history(entries)));
}

/** Mailboxes of 3.4: by name, each with its uniqueid. */
function list(mailboxes: Entries): void {
  const values = Object.entries(mailboxes).map(([name, id]) => [name, entry(id)]);
  database("conf/mailboxes.db", Object.fromEntries(values));
}

function entry(uniqueId: string): string {
  return `%(A %(x lrs) I ${uniqueId} P default V 1)`;
}

async function read(settings = ""): Promise<{ items: string[]; unread: string[]; problems: string[] }> {
  const conf = `configdirectory: ${folder}/conf\npartition-default: ${folder}/spool\nsievedir: ${folder}/sieve\n`;
  write("imapd.conf", conf + settings);
  const configFile = join(folder, "imapd.conf");
  const store = await openStore("cyrus", { configFile, partitions: [], configDirectory: null });
  return linesOf(store.readItems(await store.readMailboxList()));
}

async function linesOf(readings: AsyncIterable<ItemReading>) {
  const items: string[] = [];
  const unread: string[] = [];
  const problems: string[] = [];
  for await (const reading of readings) {
    const { kind, mailbox, owner, key } = reading.status === "read" ? reading.item : reading.unread;
    const who = [kind, mailbox?.name ?? "", owner ?? "*", key ?? "*"];
    if (reading.status === "read") items.push([...who, reading.item.value].join("|"));
    else unread.push(who.join("|"));
    if (reading.status === "unread" && reading.problem !== null) {
      const { what, path, errno, found } = reading.problem;
      assert.equal(what, kind);
      problems.push(`${path.replace(folder, "")}: ${errno ?? found}`);
    }
  }
  return { items, unread, problems };
}

const VALUE = writeAnnotationValue("v", "64-bit little-endian", {});

describe("readCyrusItems()", () => {
  it("finds the files of users by name, in any back end, with and without domains", async () => {
    list({ "user.dave^smith": "d1", "north.test!user.sven": "s1", "home.test!user.ann": "a1" });
    database("conf/user/d/dave.smith.sub", { "user.dave^smith": "" }, writeSkiplist);
    database("conf/domain/n/north.test/user/s/sven.sub", { "north.test!user.sven.x": "" }, writeTwoskip);
    database("conf/user/a/ann.sub", { "home.test!user.ann": "" });
    const { items, unread } = await read("virtdomains: userid\ndefaultdomain: home.test\n");
    assert.deepEqual(items, [
      "subscription||ann@home.test|home.test!user.ann|",
      "subscription||dave.smith|user.dave^smith|",
      "subscription||sven@north.test|north.test!user.sven.x|",
    ]);
    assert.deepEqual(unread, []);
  });

  it("finds them by the hash of the whole name, and with dots written as in mailbox names", async () => {
    list({ "user.alice": "a1", "user.dave^smith": "d1" });
    database("conf/user/L/alice.sub", { x: "" });
    database("conf/user/d/dave^smith.sub", { y: "" });
    assert.deepEqual((await read("fulldirhash: yes\n")).items, ["subscription||alice|x|"]);
    assert.deepEqual((await read()).items, ["subscription||dave.smith|y|"]);
  });

  it("looks by id only for users whose INBOX lies by id", async () => {
    const entry = (id: string, type: string) => `%(T ${type} I ${id} P default V 1)`;
    const entries = { "Nuser\x1falice": entry("ab12", "e"), "Nuser\x1fbob": entry("cd34", "el") };
    database("conf/mailboxes.db", { ...entries, Iab12: "%(N user\x1falice)", Icd34: "%(N user\x1fbob)" });
    for (const [name, id] of [
      ["alice", "uuid/a/b/ab12"],
      ["bob", "uuid/c/d/cd34"],
    ] as const) {
      database(`conf/user/${id}/sub.db`, { byId: "" });
      database(`conf/user/${name[0]}/${name}.sub`, { byName: "" });
      write(`sieve/${id}/x.script`, "");
      write(`sieve/${name[0]}/${name}/y.script`, "");
    }
    const empty = "da39a3ee5e6b4b0d3255bfef95601890afd80709";
    assert.deepEqual((await read()).items, [
      "subscription||alice|byId|",
      `sieve||alice|x.script|${empty}`,
      "subscription||bob|byName|",
      `sieve||bob|y.script|${empty}`,
    ]);
  });

  it("takes seen state only where no index has it", async () => {
    list({ "user.alice": "a1", "user.alice.old": "a2", "user.alice.open": "a3", shared: "s1", "user.bob": "b1" });
    write("spool/user/alice/cyrus.index", writeIndex({ version: 17 }));
    const old = writeIndex({ version: 12 });
    old.writeUInt32BE(10, 8);
    write("spool/user/alice/old/cyrus.index", old);
    write("spool/user/alice/open/cyrus.index", writeIndex({ version: 19, header: { options: 4 } }));
    const seen = Object.fromEntries(["a1", "a2", "a3", "s1", "gone"].map((id) => [id, "1 100 9 90 2,1"]));
    database("conf/user/a/alice.seen", { ...seen, b1: "1 100 9 90 " });
    database("conf/user/b/bob.seen", seen);
    assert.deepEqual((await read()).items, [
      "seen|user.alice.old|alice||1:2",
      "seen|shared|alice||1:2",
      "seen|user.alice|bob||1:2",
      "seen|user.alice.old|bob||1:2",
      "seen|shared|bob||1:2",
    ]);
  });

  it("reads quota roots of files, and of domains only where there are any", async () => {
    list({ "user.alice": "a1" });
    write("conf/quota/a/user.alice", "10\n20\n");
    write("conf/quota/a/user.alice.NEW", "99\n99\n");
    // Left by another hashing.
    write("conf/quota/Q/user.alice", "1\n1\n");
    write("conf/quota/d/user.dave^smith", "%(S (1))");
    write("conf/domain/n/north.test/quota/s/user.sven", "1\n2\n");
    const own = [
      "quota|||user.alice|STORAGE 20",
      "quota-usage|||user.alice|STORAGE 10",
      "quota|||user.dave^smith|",
      "quota-usage|||user.dave^smith|STORAGE 1",
    ];
    assert.deepEqual((await read()).items, own);
    const domain = ["quota|||north.test!user.sven|STORAGE 2", "quota-usage|||north.test!user.sven|STORAGE 1"];
    assert.deepEqual((await read("virtdomains: on\n")).items, [...domain, ...own]);
  });

  it("does not take quotas for gone that are in SQL, as the mailbox list is", async () => {
    write("conf/quota/a/user.alice", "10\n20\n");
    const { items, unread, problems } = await read("mboxlist_db: sql\nquota_db: sql\n");
    assert.deepEqual(items, []);
    assert.deepEqual(
      unread.filter((line) => line.startsWith("quota")),
      ["quota|||*", "quota-usage|||*"],
    );
    assert.match(problems.join(), /by "quota_db: sql" they are kept in an SQL database/);
  });

  it("reads quota roots of one database", async () => {
    list({ "user.alice": "a1" });
    write("conf/quota/a/user.alice", "10\n20\n");
    database("conf/quotas.db", { "user.alice": "1 2", "user.bob": "what" }, writeSkiplist);
    const { items, unread, problems } = await read("quota_db: skiplist\n");
    assert.deepEqual(items, ["quota|||user.alice|STORAGE 2", "quota-usage|||user.alice|STORAGE 1"]);
    assert.deepEqual(unread, ["quota|||user.bob", "quota-usage|||user.bob"]);
    assert.deepEqual(problems, ["/conf/quotas.db: this is no quota root"]);
  });

  it("knows nothing of what lies in SQL, zeroskip or Berkeley DB, whatever else lies there", async () => {
    list({ "user.alice": "a1" });
    database("conf/user/a/alice.sub", { "user.alice": "" });
    database("conf/quotas.db", { "user.alice": "1 2" });
    database("conf/annotations.db", { "a1\0/comment\0\0": VALUE });
    const settings = ["subscription", "seenstate", "quota", "annotation"].map((name) => `${name}_db: sql\n`);
    const inSql = await read(settings.join(""));
    const kinds = ["subscription", "seen", "annotation", "message-annotation"];
    assert.deepEqual(inSql.items, []);
    assert.deepEqual(
      inSql.unread.filter((line) => !line.startsWith("sieve")),
      [...kinds.map((kind) => `${kind}||*|*`), "quota|||*", "quota-usage|||*"],
    );
    assert.match(inSql.problems[0] ?? "", /by "subscription_db: sql" they are kept in an SQL database/);
    rmSync(join(folder, "conf/annotations.db"));
    write("conf/annotations.db/.zsdb", "");
    write("conf/user/a/alice.sub", `${"\0".repeat(12)}\x62\x31\x05\0\x09\0\0\0`);
    const others = await read("");
    assert.deepEqual([...others.unread], ["subscription||alice|*", "annotation||*|*"]);
    assert.match(others.problems[0] ?? "", /alice\.sub: this is a Berkeley DB database$/);
    assert.equal(others.problems.length, 2);
    assert.match(others.problems[1] ?? "", /annotations\.db: this is no regular file$/);
  });

  it("reads scripts, but of a user with a mailbox for them only which is active", async () => {
    list({ "user.alice": "a1", "user.bob": "b1", "user.bob.#sieve": "b2" });
    for (const user of ["a/alice", "b/bob"]) {
      write(`sieve/${user}/active.script`, "keep;");
      write(`sieve/${user}/active.bc`, "compiled");
      symlinkSync("active.bc", join(folder, `sieve/${user}/defaultbc`));
    }
    const sha1 = "1741a5f56c1cfc0f7ef3d0ad53bceb6518bdfdad";
    const alice = [`sieve||alice|active.script|${sha1}`, "sieve||alice|active|active"];
    assert.deepEqual((await read()).items, [...alice, "sieve||bob|active|active"]);
    const renamed = "%(A %(x lrs) I b2 P default T f V 1)";
    database("conf/mailboxes.db", { "user.alice": entry("a1"), "user.bob": entry("b1"), "user.bob.#x": renamed });
    assert.deepEqual((await read()).items, [...alice, "sieve||bob|active|active"]);
  });

  it("does not know scripts in home directories, nor without a configuration", async () => {
    list({ "user.alice": "a1" });
    write("sieve/a/alice/x.script", "keep;");
    const { items, unread: homes, problems } = await read("sieveusehomedir: yes\n");
    assert.deepEqual([items, homes], [[], ["sieve||*|*"]]);
    assert.match(problems.join(), /^\/imapd.conf: sieveusehomedir/);
    const partitions = [{ name: "default", directory: `${folder}/spool` }];
    const config = { configFile: null, partitions, configDirectory: `${folder}/conf` };
    const store = await openStore("cyrus", config);
    const { unread } = await linesOf(store.readItems(await store.readMailboxList()));
    assert.deepEqual(unread, ["sieve||*|*"]);
  });

  it("gives annotations to mailboxes by uniqueid or name, and leaves out those of none", async () => {
    list({ "user.alice": "a1", shared: "s1" });
    const vendor = "/vendor/cmu/cyrus-imapd";
    database(
      "conf/annotations.db",
      {
        "\0/motd\0\0": VALUE,
        "a1\0/specialuse\0[.OwNeR.]\0": VALUE,
        "shared\0/specialuse\0bob\0": VALUE,
        "gone\0/comment\0\0": VALUE,
        [`a1\0${vendor}/lastupdate\0\0`]: VALUE,
        "s1\0/deleted\0\0": writeAnnotationValue("v", "64-bit little-endian", { modseq: 4n, flags: 1 }),
      },
      writeTwoskip,
    );
    assert.deepEqual((await read()).items.sort(), [
      "annotation|shared|bob|/specialuse|v",
      "annotation|user.alice|alice|/specialuse|v",
      "annotation|||/motd|v",
    ]);
  });

  it("says of every file that cannot be read whose items are not known, and goes on", async () => {
    list({ "user.alice": "a1", "user.bob": "b1" });
    write("conf/user/a/alice.sub", "no TAB, no end");
    database("conf/user/a/alice.seen", { b1: "9 of a version to come" });
    mkdirSync(join(folder, "sieve/a/alice/x.script"), { recursive: true });
    write("conf/quota/a/user.alice", "?");
    database("conf/annotations.db", { "a1\0/comment\0\0": VALUE, bad: "?" });
    database("conf/user/b/bob.sub", { "user.bob": "" });
    const { items, unread, problems } = await read();
    assert.deepEqual(items, ["subscription||bob|user.bob|", "annotation|user.alice||/comment|v"]);
    assert.deepEqual(unread, [
      "subscription||alice|*",
      "seen||alice|*",
      "sieve||alice|*",
      "quota|||user.alice",
      "quota-usage|||user.alice",
      "annotation||*|*",
    ]);
    assert.deepEqual(problems, [
      "/conf/user/a/alice.sub: the last line is cut off",
      `/conf/user/a/alice.seen: the value of "b1" is no seen state`,
      "/sieve/a/alice/x.script: a directory",
      "/conf/quota/a/user.alice: this is no quota root",
      "/conf/annotations.db: the key of a record is none of an annotation",
    ]);
  });

  it("leaves of annotations.db unknown only what a bad record covers, and says so once", async () => {
    list({ "user.alice": "a1", "user.bob": "b1" });
    const records = {
      "a1\0/comment\0\0": VALUE,
      "b1\0/comment\0\0": "?",
      "b1\0/other\0\0": "?",
      "b1\0/third\0\0": VALUE,
      "\0/motd\0\0": "?",
      "gone\0/comment\0\0": "?",
    };
    database("conf/annotations.db", records);
    const { items, unread, problems } = await read();
    assert.deepEqual(items, ["annotation|user.alice||/comment|v", "annotation|user.bob||/third|v"]);
    assert.deepEqual(unread, ["annotation|user.bob|*|*"]);
    assert.deepEqual(problems, [`/conf/annotations.db: the value of "/comment" is none of an annotation`]);
  });

  it("finds users who have no mailbox by their files, in every hash form, with and without domains", async () => {
    list({ shared: "s1", "user.alice": "a1" });
    const seen = { s1: "1 100 9 90 1:2" };
    database("conf/user/b/bob.seen", seen);
    database("conf/user/d/dave.smith.sub", { shared: "" });
    database("conf/domain/n/north.test/user/s/sven.seen", seen);
    const far = "conf/user/L/alice.seen";
    database(far, seen);
    const own = ["seen|shared|bob||1:2", "subscription||dave.smith|shared|"];
    assert.deepEqual((await read()).items, own);
    assert.deepEqual((await read("virtdomains: on\n")).items, [...own, "seen|shared|sven@north.test||1:2"]);
    // With the other hash bob's files lie elsewhere, and what is left where they were says nothing.
    assert.deepEqual((await read("fulldirhash: yes\n")).items, ["seen|shared|alice||1:2"]);
  });

  it("names users whose files are named by the uniqueid of a remote INBOX", async () => {
    database("conf/mailboxes.db", {
      "Nuser\x1falice": "%(T e I ab12 P default V 1)",
      "Nuser\x1fdave.s": "%(T r I cd34 S other V 1)",
      Iab12: "%(N user\x1falice)",
      Icd34: "%(N user\x1fdave.s)",
      Ief56: "%(N DELETED\x1fuser\x1fbob\x1f65000000)",
    });
    for (const path of ["c/d/cd34", "e/f/ef56", "g/h/gh78", "x/y/ab12"]) {
      database(`conf/user/uuid/${path}/sub.db`, { "user.alice": "" });
    }
    assert.deepEqual((await read()).items, ["subscription||dave.s|user.alice|"]);
  });

  it("takes an @ for a part of the name where there are no virtual domains", async () => {
    list({ "user.sven@north^test": "s1" });
    database("conf/user/s/sven@north.test.sub", { "user.sven@north^test": "" });
    write("sieve/s/sven@north.test/a.script", "keep;");
    assert.deepEqual((await read()).items, [
      "subscription||sven@north.test|user.sven@north^test|",
      "sieve||sven@north.test|a.script|1741a5f56c1cfc0f7ef3d0ad53bceb6518bdfdad",
    ]);
  });

  it("reads the uniqueids of a list without any from the headers", async () => {
    database("conf/mailboxes.db", { "user.alice": "0 default alice\tlrs\t", shared: "0 default anyone\tlrs\t" });
    write("spool/shared/cyrus.header", writeMailboxHeader({ name: "shared", uniqueId: "5e1", textForm: true }));
    database("conf/user/a/alice.seen", { "5e1": "1 100 9 90 1:2" });
    assert.deepEqual((await read()).items, ["seen|shared|alice||1:2"]);
  });

  it("reads the scripts of #sieve, whose digest is that of the same script in a directory", async () => {
    list({ "user.bob": "b1", "user.bob.#sieve": "b2" });
    const mailboxHeader = writeMailboxHeader({ name: "user.bob.#sieve", uniqueId: "b2" });
    const body = Buffer.from("Subject: main\r\nMIME-Version: 1.0\r\n\r\nkeep;");
    const records = [
      { uid: 1, flags: EXPUNGED },
      { uid: 2, internalDate: 77, flags: 2 },
    ];
    write("spool/user/bob/#sieve/cyrus.header", mailboxHeader);
    write("spool/user/bob/#sieve/cyrus.index", writeIndex({ version: 17, records, mailboxHeader }));
    write("spool/user/bob/#sieve/2.", body);
    const script = "sieve|user.bob.#sieve|bob|main.script|1741a5f56c1cfc0f7ef3d0ad53bceb6518bdfdad";
    assert.deepEqual((await read()).items, [script]);
    assert.deepEqual((await read("sieveusehomedir: 1\n")).items, [script, "sieve||bob|active|main"]);
    rmSync(join(folder, "spool/user/bob/#sieve/2."));
    assert.deepEqual(await read(), { items: [], unread: ["sieve|user.bob.#sieve|bob|*"], problems: [] });
  });

  it("knows nothing of users and mailboxes where the mailbox list cannot be read", async () => {
    write("conf/mailboxes.db", "SQLite format 3\0 and so on");
    database("conf/user/a/alice.sub", { "user.alice": "" });
    write("conf/quota/a/user.alice", "1\n2\n");
    const { items, unread, problems } = await read();
    assert.deepEqual(items, ["quota|||user.alice|STORAGE 2", "quota-usage|||user.alice|STORAGE 1"]);
    assert.deepEqual(unread, ["subscription||*|*", "seen||*|*", "sieve||*|*", "annotation||*|*"]);
    assert.deepEqual(problems, []);
  });

  it("looks for domains, and for either kind of quotas, where no configuration says", async () => {
    list({ "user.alice": "a1" });
    const readPlain = async () => {
      const partitions = [{ name: "default", directory: `${folder}/spool` }];
      const store = await openStore("cyrus", { configFile: null, partitions, configDirectory: `${folder}/conf` });
      return (await linesOf(store.readItems(await store.readMailboxList()))).items;
    };
    write("conf/domain/n/north.test/quota/s/user.sven", "1\n2\n");
    database("conf/domain/n/north.test/user/s/sven.sub", { "user.alice": "" });
    const subscription = "subscription||sven@north.test|user.alice|";
    assert.deepEqual((await readPlain()).slice(0, 2), [subscription, "quota|||north.test!user.sven|STORAGE 2"]);
    database("conf/quotas.db", { "user.alice": "3 4" });
    assert.deepEqual((await readPlain()).slice(0, 2), [subscription, "quota|||user.alice|STORAGE 4"]);
  });

  it("reads the quota of a whole domain", async () => {
    list({ "user.alice": "a1" });
    write("conf/domain/n/north.test/quota/root", "1\n2\n");
    assert.deepEqual((await read("virtdomains: on\n")).items.slice(0, 1), ["quota|||north.test!|STORAGE 2"]);
  });

  it("takes no key for a name that is longer than any", async () => {
    list({ "user.alice": "a1" });
    database("conf/user/a/alice.sub", { ["x".repeat(20_000)]: "" });
    database("conf/annotations.db", { [`a1\0/${"x".repeat(20_000)}\0\0`]: VALUE });
    database("conf/quotas.db", { ["x".repeat(20_000)]: "1 2" });
    const { items, unread } = await read("quota_db: flat\n");
    assert.deepEqual([items, unread.length], [[], 4]);
  });

  it("keeps the digest of seen state that is too long to keep", async () => {
    list({ "user.alice": "a1", shared: "s1" });
    const sequence = Array.from({ length: 40_000 }, (_, i) => 2 * i + 1).join(",");
    database("conf/user/a/alice.seen", { s1: `1 100 99999 90 ${sequence}` });
    assert.match((await read()).items.join(), /^seen\|shared\|alice\|\|sha1:[0-9a-f]{40}$/);
  });

  it("says so where the system refuses a file or directory", { skip: process.getuid?.() === 0 }, async () => {
    list({ "user.alice": "a1" });
    database("conf/user/a/alice.sub", { x: "" });
    mkdirSync(join(folder, "conf/quota"));
    mkdirSync(join(folder, "sieve"));
    const closed = ["conf/user/a/alice.sub", "conf/quota", "sieve"];
    for (const path of closed) chmodSync(join(folder, path), 0);
    const { unread, problems } = await read();
    for (const path of closed) chmodSync(join(folder, path), 0o700);
    assert.deepEqual(unread, ["subscription||alice|*", "sieve||alice|*", "quota||*|*", "quota-usage||*|*"]);
    assert.deepEqual(
      problems.map((text) => text.replace(/.*: /, "")),
      ["EACCES", "EACCES", "EACCES"],
    );
  });
});
