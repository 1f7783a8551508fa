/** Items of two hosts in memory: what is one finding, what another finding covers, what nobody could tell. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Variance } from "../../src/compare/variance.ts";
import type { Item } from "../../src/mail/item.ts";
import type { ItemFacts, MailboxFacts, UnreadItems } from "../../src/mail/scan-facts.ts";
import { compareFakes, type FakeHost, fakeItem } from "./fake-pair.ts";
import { headed, mailbox, message, NOON } from "./records.ts";

const WORK = "user.alice.Work";
const OLD = NOON - 80_000;

/** INBOX and Work of alice, and the same on the other host under other ids. */
const inbox = mailbox({ id: 7, name: "user.alice", uniqueId: "inbox" });
const work = mailbox({ id: 8 });

function host(items: readonly ItemFacts[], over: Partial<FakeHost> = {}): FakeHost {
  return { mailboxes: [inbox, work], items, ...over };
}

function lineOf({ class: name, state, side, subject }: Variance): string {
  const { mailbox: of, uid, owner, key, item } = subject;
  return [name, state, side, of ?? "-", uid ?? "-", owner ?? "-", key ?? "-", item ?? "-"].join(" ");
}

function linesOf(primary: FakeHost, replica: FakeHost, agreeing: readonly string[] = ["user.alice", WORK]): string[] {
  return compareFakes({ primary, replica }, agreeing).variances.map(lineOf);
}

const annotation = (over: Partial<Item> = {}, of: MailboxFacts = work) =>
  fakeItem("annotation", { key: "/comment", modseq: 5n, ...over }, of);
const note = (uid: number, over: Partial<Item> = {}) =>
  fakeItem("message-annotation", { key: `${uid} /comment`, modseq: 5n, ...over }, work);
const seen = (value: string) => fakeItem("seen", { owner: "bob", value, mtime: OLD }, work);

describe("compareManifests() of items", () => {
  it("reports one of a mailbox that agrees in all else, in one line of that mailbox", () => {
    const hosts = { primary: host([annotation(), annotation({ key: "/b" })]), replica: host([]) };
    const { variances, mailboxes, summary } = compareFakes(hosts, ["user.alice", WORK], { everyMailbox: true });
    assert.deepEqual(variances.map(lineOf), [
      `mailbox-annotation-differs diverged replica ${WORK} - - /comment -`,
      `mailbox-annotation-differs diverged replica ${WORK} - - /b -`,
    ]);
    assert.deepEqual(
      mailboxes.map(({ mailbox: name, checks }) => [name, checks.metadata]),
      [
        [WORK, "differs"],
        ["user.alice", "same"],
      ],
    );
    assert.equal(summary.counts.mailboxes.differing, 1);
  });

  it("reports those of users and of quota roots", () => {
    const items = [
      fakeItem("subscription", { owner: "alice", key: WORK, value: "" }),
      fakeItem("sieve", { owner: "alice", key: "main.script", mtime: OLD }),
      fakeItem("quota", { key: "user.alice", mtime: OLD }),
    ];
    assert.deepEqual(linesOf(host(items), host([])), [
      `subscription-differs in-flight unknown - - alice ${WORK} -`,
      "sieve-differs diverged replica - - alice main.script -",
      "quota-differs diverged replica - - alice user.alice limit",
    ]);
  });

  it("says nothing of what belongs to a user whose INBOX is on one side", () => {
    const items = [fakeItem("sieve", { owner: "carol", key: "main.script", mtime: OLD })];
    const carol = mailbox({ id: 9, name: "user.carol", uniqueId: "carol" });
    const lines = linesOf(host(items, { mailboxes: [inbox, work, carol] }), host([]));
    assert.deepEqual(
      lines.map((line) => line.split(" ")[0]),
      ["mailbox-missing"],
    );
  });

  it("says nothing of mailboxes that are missing, renamed, deleted or created again", () => {
    for (const over of [
      { name: "user.alice.Other" },
      { name: "DELETED.user.alice.Work.6B053431" },
      { uniqueId: "another" },
      { name: "user.alice.Other", uniqueId: "another" },
    ]) {
      const other = mailbox({ id: 8, ...over });
      const items = [annotation({}, other)];
      const lines = linesOf(host([annotation(), seen("1")]), host(items, { mailboxes: [inbox, other] }), [
        "user.alice",
      ]);
      assert.ok(
        lines.every((line) => line.startsWith("mailbox-") && !line.startsWith("mailbox-annotation")),
        lines[0],
      );
    }
  });

  it("says nothing of annotations of the server", () => {
    assert.deepEqual(linesOf(host([fakeItem("annotation", { key: "/motd" })]), host([])), []);
  });

  it("takes an entry without a value for none", () => {
    assert.deepEqual(linesOf(host([annotation({ value: "" })]), host([])), []);
  });
});

describe("compareManifests() of scripts, which one side may keep in a directory and the other in #sieve", () => {
  const box = mailbox({ id: 9, name: "user.alice.#sieve", uniqueId: "box" });
  const script = (value: string, of: MailboxFacts | null) =>
    fakeItem("sieve", { owner: "alice", key: "main.script", value, mtime: OLD }, of);
  const withBox = (...items: ItemFacts[]) => host(items, { mailboxes: [inbox, work, box] });

  it("finds nothing where both have the same script", () => {
    assert.deepEqual(linesOf(withBox(script("1", box)), host([script("1", null)])), []);
    assert.deepEqual(linesOf(host([script("1", null)]), withBox(script("1", box))), []);
  });

  it("is one finding of the script where they have not", () => {
    const differs = "sieve-differs diverged replica - - alice main.script -";
    assert.deepEqual(linesOf(withBox(script("1", box)), host([script("2", null)])), [differs]);
    const other = { ...script("1", null), key: "other.script" };
    assert.deepEqual(linesOf(withBox(script("1", box)), host([other])).sort(), [
      differs,
      "sieve-differs in-flight unknown - - alice other.script -",
    ]);
  });

  it("is the finding of the mailbox where the other side has no script anywhere", () => {
    assert.deepEqual(linesOf(withBox(script("1", box)), host([])), [
      "mailbox-missing diverged replica user.alice.#sieve - - - -",
    ]);
    assert.deepEqual(linesOf(withBox(), host([])), ["mailbox-missing diverged replica user.alice.#sieve - - - -"]);
  });

  it("takes a mailbox without scripts for a place where the other side keeps all scripts in directories", () => {
    const bob = { ...script("1", null), owner: "bob" };
    const lines = linesOf(withBox(), host([bob]));
    assert.deepEqual(lines, ["sieve-differs in-flight unknown - - bob main.script -"]);
  });

  it("leaves scripts to the messages where both have the mailbox", () => {
    const agreeing = ["user.alice", WORK, "user.alice.#sieve"];
    assert.deepEqual(linesOf(withBox(script("1", box)), withBox(script("2", box)), agreeing), []);
  });

  it("knows the mailbox by its type where sieve_folder gives it another name", () => {
    const named = mailbox({ id: 9, name: "user.alice.#scripts", uniqueId: "box" });
    const other = { ...named, listing: named.listing && { ...named.listing, type: "f" } };
    const withOther = (...items: ItemFacts[]) => host(items, { mailboxes: [inbox, work, other] });
    assert.deepEqual(linesOf(withOther(script("1", other)), host([script("1", null)])), []);
    assert.deepEqual(linesOf(host([script("1", null)]), withOther(script("2", other))), [
      "sieve-differs diverged replica - - alice main.script -",
    ]);
    const ordinary = host([], { mailboxes: [inbox, work, named] });
    assert.deepEqual(linesOf(ordinary, host([script("1", null)]))[0]?.split(" ")[0], "mailbox-missing");
  });

  it("is unproven where the mailbox could not be read for them", () => {
    const unread: UnreadItems = {
      ...{ kind: "sieve", owner: "alice", key: null },
      ...{ mailboxId: box.id, uniqueId: box.uniqueId },
    };
    const replica = host([], { mailboxes: [inbox, work, box], unread: [unread] });
    assert.deepEqual(linesOf(host([script("1", null)]), replica), [
      "sieve-differs unproven replica user.alice.#sieve - alice - sieve",
    ]);
    const agreeing = ["user.alice", WORK, "user.alice.#sieve"];
    assert.deepEqual(linesOf(withBox(script("1", box)), replica, agreeing), []);
  });
});

describe("compareManifests() of items that another finding covers", () => {
  it("leaves a subscription to a mailbox that one side lacks to the finding of the mailbox", () => {
    const fresh = mailbox({ id: 9, name: "user.alice.New", uniqueId: "new" });
    const subscription = fakeItem("subscription", { owner: "alice", key: fresh.name, value: "" });
    const lines = linesOf(host([subscription], { mailboxes: [inbox, work, fresh] }), host([]));
    assert.deepEqual(lines, ["mailbox-missing diverged replica user.alice.New - - - -"]);
  });

  it("leaves seen state to the option where one side shares \\Seen among all", () => {
    const sharing = headed({ options: 0b101 }, { id: 8 });
    const lines = linesOf(host([seen("1")]), host([], { mailboxes: [inbox, sharing] }), ["user.alice"]);
    assert.deepEqual(lines, [`mailbox-metadata-differs diverged replica ${WORK} - - - options`]);
  });

  it("takes a value and its digest for the same, with or without its size", () => {
    const digest = "sha1:7a38d8cbd20d9932ba948efaa364bb62651d5ad4";
    for (const value of [digest, `${digest} (1 bytes)`]) {
      assert.deepEqual(linesOf(host([annotation({ value: "v" })]), host([annotation({ value })])), []);
    }
    assert.equal(linesOf(host([annotation({ value: "w" })]), host([annotation({ value: digest })])).length, 1);
  });

  it("holds usage only of resources that both sides know against each other", () => {
    const usage = (value: string) => fakeItem("quota-usage", { key: "user.alice", value, mtime: OLD });
    const known = usage("MAILBOX 3 STORAGE 10");
    assert.deepEqual(linesOf(host([known]), host([usage("STORAGE 10")])), []);
    assert.equal(linesOf(host([known]), host([usage("STORAGE 11")])).length, 1);
  });
});

describe("compareManifests() of items and the modseqs that they moved", () => {
  const ahead = headed({ highestModseq: 60n }, { id: 8 });
  const records = (modseqs: readonly bigint[]) => ({
    [WORK]: modseqs.map((modseq, i) => message({ uid: i + 1, modseq })),
  });
  const before = records([10n, 10n, 10n]);
  const after = records([10n, 55n, 10n]);

  it("explains the record of a message annotation, and the HIGHESTMODSEQ", () => {
    const primary = host([note(2, { modseq: 55n })], { mailboxes: [inbox, ahead], messages: after });
    assert.deepEqual(linesOf(primary, host([], { messages: before }), ["user.alice"]), [
      `message-annotation-differs in-flight replica ${WORK} 2 - /comment -`,
    ]);
  });

  it("explains the record that another user has read", () => {
    const primary = host([seen("1:2")], { mailboxes: [inbox, ahead], messages: after });
    const { variances } = compareFakes({ primary, replica: host([seen("1")], { messages: before }) }, ["user.alice"]);
    assert.deepEqual(variances.map(lineOf), [`seen-differs in-flight replica ${WORK} - bob - -`]);
    assert.equal(variances[0]?.messages, 1);
    assert.equal(variances[0]?.rule, "state-ahead");
  });

  it("explains no record of another message", () => {
    const primary = host([seen("1:3")], { mailboxes: [inbox, ahead], messages: after });
    const lines = linesOf(primary, host([seen("1:2")], { messages: before }), ["user.alice"]);
    assert.deepEqual(lines.sort(), [
      `modseq-differs in-flight replica ${WORK} 2 - - -`,
      `seen-differs in-flight replica ${WORK} - bob - -`,
    ]);
  });

  it("is diverged where the record that it moved is", () => {
    const primary = host([seen("1:2")], { mailboxes: [inbox, ahead], messages: records([10n, 20n, 10n]) });
    const lines = linesOf(primary, host([seen("1")], { messages: before }), ["user.alice"]);
    assert.deepEqual(lines, [`seen-differs diverged replica ${WORK} - bob - -`]);
  });

  it("explains the HIGHESTMODSEQ by an annotation of the mailbox", () => {
    const primary = host([annotation({ modseq: 60n })], { mailboxes: [inbox, ahead] });
    assert.deepEqual(linesOf(primary, host([]), ["user.alice"]), [
      `mailbox-annotation-differs in-flight replica ${WORK} - - /comment -`,
    ]);
  });
});

describe("compareManifests() of items of messages", () => {
  const live = { [WORK]: [message({ uid: 1 }), message({ uid: 3 })] };

  it("counts only messages that are live on both sides as read", () => {
    const [p, r] = [host([seen("1:3")], { messages: live }), host([seen("1,3")], { messages: live })];
    assert.deepEqual(linesOf(p, r), []);
    assert.deepEqual(linesOf(p, host([seen("1")], { messages: live })), [
      `seen-differs diverged replica ${WORK} - bob - -`,
    ]);
    assert.deepEqual(linesOf(p, host([], { messages: { [WORK]: [] } })), []);
  });

  it("compares seen state that is too long to be kept as a whole", () => {
    const [p, r] = [host([seen("sha1:00")], { messages: live }), host([seen("sha1:01")], { messages: live })];
    assert.deepEqual(linesOf(p, r), [`seen-differs diverged replica ${WORK} - bob - -`]);
  });

  it("leaves annotations of a message that one side lacks to the finding of the message", () => {
    const [p, r] = [host([note(3)], { messages: live }), host([], { messages: { [WORK]: [message({ uid: 1 })] } })];
    assert.deepEqual(linesOf(p, r, ["user.alice"]), [`message-missing diverged replica ${WORK} 3 - - -`]);
  });

  it("compares the owner's seen entry only where both indexes keep \\Seen alike", () => {
    const own = { ...seen("1"), owner: "alice" };
    const old = headed({ minorVersion: 10 }, { id: 8 });
    const p = host([], { messages: live });
    assert.deepEqual(linesOf(p, host([own], { messages: live, mailboxes: [inbox, old] })), []);
  });

  it("compares no seen entry where all share \\Seen and one index has it, the other not", () => {
    const [old, today] = [10, 17].map((minorVersion) => headed({ minorVersion, options: 0b101 }, { id: 8 }));
    const p = host([], { messages: live, mailboxes: [inbox, today ?? work] });
    const shared = { ...seen("1"), owner: "anyone" };
    assert.deepEqual(linesOf(p, host([shared, seen("3")], { messages: live, mailboxes: [inbox, old ?? work] })), []);
  });

  it("compares only those options of a mailbox that both index versions have", () => {
    const today = headed({ options: 0b101 }, { id: 8 });
    const p = host([], { messages: live, mailboxes: [inbox, today] });
    const against = (minorVersion: number, options: number) => {
      const other = headed({ minorVersion, options }, { id: 8 });
      return linesOf(p, host([], { messages: live, mailboxes: [inbox, other] }), ["user.alice"]);
    };
    assert.deepEqual(against(7, 0b1), []);
    assert.match(against(7, 0b0).join(), /^mailbox-metadata-differs .* options$/);
    assert.match(against(8, 0b1).join(), /^mailbox-metadata-differs .* options$/);
  });
});

describe("compareManifests() of quota usage", () => {
  const usage = (value: string, mtime = OLD) => fakeItem("quota-usage", { key: "user.alice", value, mtime });
  const [p, r] = [usage("STORAGE 10"), usage("STORAGE 11")];
  const rooted = mailbox({ id: 8, quotaRoot: "user.alice" });

  it("differs where every message below the root agrees", () => {
    assert.deepEqual(linesOf(host([p]), host([r])), ["quota-differs diverged unknown - - alice user.alice usage"]);
  });

  it("is not compared where a mailbox below the root does not agree", () => {
    const mailboxes = [inbox, rooted];
    const [primary, replica] = [host([p], { mailboxes }), host([r], { mailboxes })];
    assert.deepEqual(linesOf(primary, replica, ["user.alice"]), []);
  });

  it("is not compared where the indexes are of two versions, or a file is young", () => {
    const older = headed({ minorVersion: 16 }, { id: 7, name: "user.alice", uniqueId: "inbox" });
    assert.deepEqual(linesOf(host([p]), host([r], { mailboxes: [older, work] })), []);
    assert.deepEqual(linesOf(host([p]), host([usage("STORAGE 11", NOON - 10)])), []);
  });
});

describe("compareManifests() of items that could not be read", () => {
  const unread: UnreadItems = { kind: "sieve", owner: "alice", key: null, mailboxId: null, uniqueId: null };
  const script = fakeItem("sieve", { owner: "alice", key: "main.script", mtime: OLD });

  it("is unproven, whatever the other side has", () => {
    for (const unreadOnReplica of [[unread], [{ ...unread, owner: null }]]) {
      const hosts = { primary: host([script]), replica: host([], { unread: unreadOnReplica }) };
      const { variances, summary } = compareFakes(hosts, ["user.alice", WORK]);
      assert.deepEqual(
        variances.map(({ class: name, state, side }) => [name, state, side]),
        [["sieve-differs", "unproven", "replica"]],
      );
      assert.equal(summary.verdict, "incomplete");
      assert.equal(summary.exitCode, 3);
      assert.equal(summary.checks.metadata, "unknown");
    }
  });

  it("leaves the checks of a mailbox open", () => {
    const notes: UnreadItems = {
      ...{ kind: "message-annotation", owner: null, key: null },
      ...{ mailboxId: work.id, uniqueId: work.uniqueId },
    };
    const { mailboxes } = compareFakes({ primary: host([note(1)]), replica: host([], { unread: [notes] }) }, [
      "user.alice",
      WORK,
    ]);
    assert.deepEqual(
      mailboxes.map(({ mailbox: name, checks }) => [name, checks.metadata, checks.flags]),
      [[WORK, "unknown", "same"]],
    );
  });

  it("is one finding where neither side could", () => {
    const hosts = { primary: host([], { unread: [unread] }), replica: host([], { unread: [unread] }) };
    assert.deepEqual(compareFakes(hosts).variances.map(lineOf), ["sieve-differs unproven both - - alice - sieve"]);
  });

  it("is one finding for a directory that the system refuses, with the reason", () => {
    const of = (kind: UnreadItems["kind"], owner: string | null): UnreadItems => ({ ...unread, kind, owner });
    const refusal = (what: string, path: string) => ({ what, path, uid: null, errno: "EACCES", found: "refused" });
    const replica = host([], {
      unread: [
        of("subscription", null),
        of("seen", null),
        of("seen", "alice"),
        of("sieve", "alice"),
        of("sieve", "bob"),
      ],
      problems: [
        ...[refusal("subscription", "/c/user"), refusal("seen", "/c/user"), refusal("seen", "/c/user/a/alice.seen")],
        ...[refusal("sieve", "/sieve/a/alice"), { ...refusal("sieve", "/sieve/b/bob"), errno: null, found: "odd" }],
      ],
    });
    const { variances } = compareFakes({ primary: host([]), replica }, ["user.alice", WORK]);
    assert.deepEqual(
      variances.map(({ subject, replica: evidence }) => [subject.item, subject.owner, subject.path, evidence?.found]),
      [
        ["subscription", undefined, "/c/user", "refused"],
        ["sieve", "alice", "/sieve/a/alice", "refused"],
        ["sieve", "bob", "/sieve/b/bob", "odd"],
      ],
    );
  });

  it("leaves the items of others alone", () => {
    const other = { ...script, owner: "bob" };
    const lines = linesOf(host([script, other]), host([], { unread: [unread] }));
    assert.deepEqual(lines, [
      "sieve-differs unproven replica - - alice - sieve",
      "sieve-differs diverged replica - - bob main.script -",
    ]);
  });

  it("has items outside of its scope where one scan read none", () => {
    const { variances, summary } = compareFakes(
      { primary: host([script]), replica: host([], { itemsReadAtMs: null }) },
      ["user.alice", WORK],
    );
    assert.deepEqual(variances, []);
    assert.ok(summary.scope.outside.includes("sieve scripts"));
  });
});
