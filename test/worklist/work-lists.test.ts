import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { test } from "node:test";
import type { Variance } from "../../src/compare/variance.ts";
import { parseRecheckList } from "../../src/worklist/recheck-scope.ts";
import { writeWorkLists } from "../../src/worklist/work-lists.ts";
import { HOSTILE_NAMES } from "../report/cases.ts";
import { findingsOf, variance } from "../support/findings.ts";
import { assertGolden } from "../support/golden.ts";
import { type FakeMailbox, fakeFile, fakeHost, fakeHosts, fakeMailbox, MemoryOutput, STAT } from "./fake-hosts.ts";

function lists(variances: readonly Variance[], primary: readonly FakeMailbox[], replica: readonly FakeMailbox[]) {
  const output = new MemoryOutput();
  writeWorkLists(findingsOf([...variances]), fakeHosts(primary, replica), output);
  return output;
}

/** A finding of a mailbox of `name`, as the fake hosts have it. */
function of(name: string, over: Parameters<typeof variance>[0] = {}): Variance {
  const { facts } = fakeMailbox(name, []);
  return variance({ ...over, subject: { mailbox: name, uniqueId: facts.uniqueId, uid: 5, ...over.subject } });
}

test("writeWorkLists() lists a copy from the side that each manifest proves", () => {
  const good = [fakeMailbox("user.alice", [fakeFile(5, 1), fakeFile(6, 2), fakeFile(7, 1)])];
  const bad = [fakeMailbox("user.alice", [fakeFile(5, 2), fakeFile(6, 1), fakeFile(7, "missing")])];
  const output = lists(
    [
      of("user.alice", { side: "replica" }),
      of("user.alice", { side: "primary", subject: { uid: 6 } }),
      of("user.alice", { side: "replica", class: "file-missing", subject: { uid: 7 } }),
    ],
    good,
    bad,
  );
  assert.equal(output.text("copy-primary-to-replica-default-spool.list0"), "x/user/alice/5.\0x/user/alice/7.\0");
  assert.equal(output.text("copy-replica-to-primary-default-spool.list0"), "x/user/alice/6.\0");
  assert.equal(
    output.text("copy-primary-to-replica-default-spool.sha1").split("\n")[0],
    `${"01".repeat(20)}  x/user/alice/5.`,
  );
  assert.equal(output.text("cannot-be-listed.json"), "");
});

test("writeWorkLists() never copies what no manifest proves", () => {
  const unproved: readonly (readonly [string, FakeMailbox, FakeMailbox])[] = [
    ["both wrong", fakeMailbox("user.a", [fakeFile(5, 3)]), fakeMailbox("user.a", [fakeFile(5, 2)])],
    ["damaged side's file is right", fakeMailbox("user.a", [fakeFile(5, 1)]), fakeMailbox("user.a", [fakeFile(5, 1)])],
    ["no digest", fakeMailbox("user.a", [fakeFile(5, "missing")]), fakeMailbox("user.a", [fakeFile(5, 2)])],
    ["no GUID", fakeMailbox("user.a", [fakeFile(5, 1, { guid: null })]), fakeMailbox("user.a", [fakeFile(5, 2)])],
    ["no such message", fakeMailbox("user.a", []), fakeMailbox("user.a", [fakeFile(5, 2)])],
    [
      "another message",
      fakeMailbox("user.a", [fakeFile(5, 1)]),
      fakeMailbox("user.a", [fakeFile(5, 2, { guid: new Uint8Array(20).fill(9) })]),
    ],
    [
      "other UIDVALIDITY",
      fakeMailbox("user.a", [fakeFile(5, 1)]),
      fakeMailbox("user.a", [fakeFile(5, 2)], { header: null }),
    ],
  ];
  for (const [what, primary, replica] of unproved) {
    const output = lists([of("user.a", { side: "replica" })], [primary], [replica]);
    assert.deepEqual(
      [...output.files.keys()].filter((name) => name.startsWith("copy-")),
      [],
      what,
    );
    assert.match(output.text("cannot-be-listed.json"), /"list":"copy"/, what);
  }
});

test("writeWorkLists() keeps the roots of partitions apart, and guesses none", () => {
  const archived = (byte: number | "missing") =>
    fakeFile(5, byte, byte === "missing" ? {} : { stat: { ...STAT, root: 1 } });
  const two = { directories: ["/spool/x/user/a", "/archive/x/user/a"] };
  const both = lists(
    [of("user.a", { side: "replica" })],
    [fakeMailbox("user.a", [archived(1)], two)],
    [fakeMailbox("user.a", [archived(2)])],
  );
  assert.equal(both.text("copy-primary-to-replica-default-archive.list0"), "x/user/a/5.\0");
  const moved = lists(
    [of("user.a", { side: "replica" })],
    [fakeMailbox("user.a", [archived(1)], two)],
    [fakeMailbox("user.a", [archived("missing")])],
  );
  assert.equal(moved.text("copy-primary-to-replica-default-archive-to-default-spool.list0"), "x/user/a/5.\0");
  const unknown = lists(
    [of("user.a", { side: "replica" })],
    [fakeMailbox("user.a", [archived(1)], two)],
    [fakeMailbox("user.a", [archived("missing")], two)],
  );
  assert.match(unknown.text("cannot-be-listed.json"), /nothing says whether the file belongs into the archive/);
  const listing = { ...(fakeMailbox("user.a", []).facts.listing ?? assert.fail()), partition: "a/../b" };
  const odd = lists(
    [of("user.a", { side: "replica" })],
    [fakeMailbox("user.a", [fakeFile(5, 1)], { listing })],
    [fakeMailbox("user.a", [fakeFile(5, 2)], { listing })],
  );
  assert.match(odd.text("cannot-be-listed.json"), /no file can be named after its partition/);
});

test("writeWorkLists() frees a replica of what stops sync_reset or what it would leave", () => {
  const gone = {
    class: "mailbox-missing",
    state: "diverged",
    rule: "mailbox-deleted",
    primary: {},
    replica: { present: false },
  } as const;
  const kept = fakeMailbox("DELETED.user.a.Sent.6B075D40", [], { uniqueId: of("user.a.Sent").subject.uniqueId });
  const renamed = lists([of("user.a.Sent", gone)], [], [kept]).text("reset.txt");
  assert.match(
    renamed,
    /^# replica imap> RENAME "DELETED\/user\/a\/Sent\/6B075D40" "user\/a\/Sent"\n# replica\$ sync_reset/m,
  );
  // By name, where Cyrus 3.6 refuses that, the entries of the tombstone are to go after the reset.
  assert.match(
    renamed,
    /sync_reset [^\n]*\n# only where the RENAME was refused[^\n]*\n# replica\$ cyr_dbtool .*printf 'Nuser\\037a\\037Sent'/,
  );
  const expired = lists([of("user.a.Sent", gone)], [], []).text("reset.txt");
  assert.doesNotMatch(expired, /RENAME/);
  assert.match(expired, /^# replica\$ cyr_dbtool .* delete Ix[0-9a-f]+\n# primary\$ sync_client/m);
  const corrupt = of("user.a.Sent", { class: "index-corrupt", state: "damaged", side: "replica" });
  const dropped = lists([corrupt], [], [fakeMailbox("user.a.Sent", [])]).text("reset.txt");
  assert.match(dropped, /^# replica\$ rm -- \/spool\/x\/user\/a\/Sent\/cyrus\.index\n# replica\$ sync_reset/m);
});

test("the README says what the version of Cyrus makes dangerous", () => {
  const readme = (indexVersion: number | null, syncCache: boolean | null) => {
    const hosts = fakeHosts([], []);
    const output = new MemoryOutput();
    const primary = { ...hosts.primary, indexVersion };
    writeWorkLists(findingsOf([]), { ...hosts, primary, replica: primary, syncCache }, output);
    return output.text("README.txt").replaceAll("\n", " ");
  };
  assert.match(readme(12, null), /sync_client -u deletes on the replica every mailbox that the primary has not/);
  assert.doesNotMatch(readme(12, null), /-O|sync_cache_db_path/);
  assert.match(readme(17, false), /Cyrus 3\.4 or later.*keeps its tombstone.*-O/);
  assert.doesNotMatch(readme(17, false), /sync_cache_db_path/);
  assert.match(readme(17, true), /Your imapd\.conf sets sync_cache_db_path/);
  assert.match(readme(19, null), /Cyrus 3\.10 or later.*If imapd\.conf sets sync_cache_db_path/);
  assert.match(readme(20, null), /-O also deletes mailboxes of the replica/);
  assert.match(readme(null, null), /none was read/);
});

test("writeWorkLists() puts one user into one list, by his most dangerous finding", () => {
  const lag = {
    class: "message-missing",
    state: "in-flight",
    cause: "lag",
    primary: {},
    replica: { present: false },
  } as const;
  const merge = { class: "flags-differ", state: "diverged" } as const;
  const expunged = { ...lag, state: "diverged", replica: { expunged: true } } as const;
  const broken = { class: "index-corrupt", state: "damaged", side: "primary" } as const;
  const output = lists(
    [
      of("user.lag", lag),
      of("user.merge.Sent", lag),
      of("user.merge", merge),
      of("user.reset.a", lag),
      of("user.reset.b", merge),
      of("user.reset", expunged),
      of("user.hold.a", lag),
      of("user.hold.b", expunged),
      of("user.hold", broken),
      of("shared.x", lag),
      of("shared.y", { ...lag, class: "mailbox-missing", primary: { present: false }, replica: {} }),
      of("shared.z", expunged),
    ],
    [],
    [],
  );
  assert.equal(output.text("in-flight.users").replace(/^#.*\n/, ""), "lag\n");
  assert.equal(output.text("in-flight.mailboxes"), "shared/x\n");
  assert.equal(output.text("in-flight.sync-log"), "UNMAILBOX shared.y\n");
  assert.equal(output.text("diverged.users").replace(/^#.*\n/, ""), "merge\n");
  assert.match(output.text("reset.txt"), /^# replica\$ sync_reset -C \/etc\/imapd\.conf -f reset$/m);
  assert.doesNotMatch(output.text("reset.txt"), /hold|lag|merge/);
  assert.match(output.text("left-out.json"), /"name":"hold"[^\n]*\n.*"name":"shared\.z"/);
});

test("writeWorkLists() rescues what only the replica has before its user is reset", () => {
  const made = { class: "mailbox-missing", state: "diverged", primary: { present: false }, replica: {} } as const;
  const output = lists(
    [of("user.bob.Made", made)],
    [],
    [fakeMailbox("user.bob.Made", [fakeFile(1, 1), fakeFile(2, 1)])],
  );
  assert.equal(output.text("rescue-replica-default-spool.list0"), "x/user/bob/Made/1.\0x/user/bob/Made/2.\0");
  assert.equal(output.text("rescue.list").split("\n").length, 3);
  assert.match(output.text("reset.txt"), /only the replica has 2 of its messages/);
});

test("writeWorkLists() has the primary's file mended before the replica, which has the good one, is reset", () => {
  const evidence = { primary: {}, replica: { expunged: true } };
  const expunged = { class: "message-missing", state: "diverged", side: "replica", ...evidence } as const;
  const resetOf = (damage: Parameters<typeof variance>[0]) =>
    lists([of("user.bob", { ...expunged, subject: { uid: 6 } }), of("user.bob", damage)], [], []).text("reset.txt");
  const first = /^# FIRST: the replica may have the only good file of 1 of its messages/m;
  assert.match(resetOf({ class: "file-corrupt", side: "primary" }), first);
  assert.match(resetOf({ class: "file-unreadable", state: "unproven", side: "primary" }), first);
  assert.match(resetOf({ class: "file-content-differs", state: "diverged", side: "unknown" }), first);
  assert.doesNotMatch(resetOf({ class: "file-corrupt", side: "replica" }), /FIRST/);
});

test("writeWorkLists() writes hostile names so that each tool reads them as they are, or says why not", () => {
  const names = [...HOSTILE_NAMES, "user.#comment", "user.-option", "user.$(id)", "user.a'b", "user.x\0y"];
  const files = names.map((name) => fakeMailbox(name, [fakeFile(5, 1)]));
  const damaged = names.map((name) => fakeMailbox(name, [fakeFile(5, 2)]));
  const lag = {
    class: "message-missing",
    state: "in-flight",
    cause: "lag",
    primary: {},
    replica: { present: false },
  } as const;
  const reset = { class: "index-corrupt", state: "damaged", side: "replica" } as const;
  const findings = names.flatMap((name) => [
    of(name, { side: "replica" }),
    of(`${name}.lag`, lag),
    variance({ ...reset, subject: { mailbox: `user.${name.replaceAll(".", "^")}.r`, uniqueId: "r" } }),
  ]);
  const output = lists(findings, files, damaged);
  for (const line of output.text("reset.txt").split("\n"))
    assert.match(line, /^(#|$)/, "every command is commented out");
  assert.equal(execFileSync("sh", { input: output.files.get("reset.txt") }).toString(), "");
  for (const [name] of output.files) {
    if (!name.endsWith(".json") && name !== "recheck.list" && name !== "rescue.list") continue;
    // biome-ignore lint/suspicious/noControlCharactersInRegex: what a terminal would obey
    assert.doesNotMatch(output.text(name), /[\x00-\x09\x0b-\x1f\x7f]/, name);
  }
  const list = parseRecheckList(output.files.get("recheck.list") ?? Buffer.alloc(0), "recheck.list");
  assert.deepEqual(
    list.entries.map(({ subject }) => subject.mailbox),
    findings.map(({ subject }) => subject.mailbox),
  );
  assertGolden("worklist-hostile.txt", output.all());
});

test("the README begins no line with what a host calls itself", () => {
  const name = `${"x".repeat(60)} primary$ id`;
  const output = new MemoryOutput();
  const hosts = fakeHosts([], []);
  writeWorkLists(findingsOf([]), { ...hosts, primary: fakeHost(name, []) }, output);
  assert.match(output.text("README.txt"), /x\?primary\$\?id/);
  assert.doesNotMatch(output.text("README.txt"), /^\s*primary\$/m);
});

test("writeWorkLists() gives the same bytes for the same findings, and no file for an empty list", () => {
  const none = lists([], [], []);
  assert.deepEqual([...none.files.keys()], ["README.txt"]);
  assert.match(none.text("README.txt"), /^\* There is nothing to do/m);
  const once = lists([of("user.alice", { side: "replica" })], [fakeMailbox("user.alice", [fakeFile(5, 1)])], []);
  const twice = lists([of("user.alice", { side: "replica" })], [fakeMailbox("user.alice", [fakeFile(5, 1)])], []);
  assert.equal(once.all(), twice.all());
});

test("writeWorkLists() does nothing about what is accepted, and forgets none of its dangers", () => {
  const accepted = { reason: "known", expires: "2027-03-31" };
  const flags = { class: "flags-differ", state: "diverged", rule: "values" } as const;
  const split = {
    class: "message-missing",
    state: "diverged",
    rule: "replica-ahead",
    primary: { size: 1 },
    replica: { expunged: true },
    accepted,
  } as const;
  const mailboxes = ["user.alone", "user.both", "user.file"].map((name) => fakeMailbox(name, [fakeFile(5, 1)]));
  const bad = ["user.alone", "user.both", "user.file"].map((name) => fakeMailbox(name, [fakeFile(5, 2)]));
  const output = lists(
    [
      of("user.alone", { ...flags, accepted }),
      of("user.both", flags),
      of("user.both", split),
      of("user.file", { side: "replica", accepted }),
      of("user.file", split),
    ],
    mailboxes,
    bad,
  );
  assert.equal(output.text("diverged.users"), "");
  assert.match(output.text("reset.txt"), /^# both: sync_client would expunge/m);
  assert.doesNotMatch(output.text("reset.txt"), /alone|file:/);
  assert.deepEqual(
    [...output.files.keys()].filter((name) => name.startsWith("copy-")),
    [],
  );
  assert.equal(
    output
      .text("recheck.list")
      .split("\n")
      .filter((line) => line.includes("user.")).length,
    1,
  );
});
