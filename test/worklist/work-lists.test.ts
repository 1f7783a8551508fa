import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { test } from "node:test";
import type { Variance } from "../../src/compare/variance.ts";
import { parseRecheckList } from "../../src/worklist/recheck-scope.ts";
import { writeWorkLists } from "../../src/worklist/work-lists.ts";
import { HOSTILE_NAMES } from "../report/cases.ts";
import { findingsOf, variance } from "../support/findings.ts";
import { assertGolden } from "../support/golden.ts";
import { type FakeMailbox, fakeFile, fakeHosts, fakeMailbox, MemoryOutput } from "./fake-hosts.ts";

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

test("writeWorkLists() gives the same bytes for the same findings, and no file for an empty list", () => {
  const none = lists([], [], []);
  assert.deepEqual([...none.files.keys()], ["README.txt"]);
  const once = lists([of("user.alice", { side: "replica" })], [fakeMailbox("user.alice", [fakeFile(5, 1)])], []);
  const twice = lists([of("user.alice", { side: "replica" })], [fakeMailbox("user.alice", [fakeFile(5, 1)])], []);
  assert.equal(once.all(), twice.all());
});
