/** A real Cyrus IMAP pair on loopback is the judge of items: what IMAP says of them must be what is read from its disk. */
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import type { MailboxItem } from "../../src/mail/item.ts";
import { ownerOf } from "../../src/mail/name.ts";
import { cyrusMailboxReader } from "../../src/store/cyrus/reader.ts";
import type { MailboxList } from "../../src/store/mail-store.ts";
import { openStore } from "../../src/store/registry.ts";
import { findCyrus } from "../support/cyrus-server/binaries.ts";
import { churn } from "../support/cyrus-server/churn.ts";
import type { LayoutOptions } from "../support/cyrus-server/configuration.ts";
import type { ImapClient } from "../support/cyrus-server/imap-client.ts";
import { type ImapValue, pairsOf, parseValues, quoted } from "../support/cyrus-server/imap-syntax.ts";
import { administratorName } from "../support/cyrus-server/judge.ts";
import { CyrusPair, type CyrusSide } from "../support/cyrus-server/pair.ts";
import { type SeededUser, seed, uidsOf } from "../support/cyrus-server/seed.ts";
import { chosenSeed, createRandom } from "../support/random.ts";

const LAYOUTS: Readonly<Record<string, LayoutOptions>> = {
  "legacy, full hash, other back ends": {
    ...{ layout: "legacy", hash: true, fullHash: true, metaFiles: ["annotations"] },
    extra: ["subscription_db: skiplist", "seenstate_db: flat", "annotation_db: skiplist", "quota_db: twoskip"],
  },
  uuid: { layout: "uuid" },
};

const { binaries, missing } = findCyrus();
const seedNumber = chosenSeed();

for (const [name, layout] of Object.entries(LAYOUTS)) {
  describe(`items of a Cyrus IMAP pair, ${name}`, { skip: missing ?? false }, () => suite(layout));
}

function suite(layout: LayoutOptions): void {
  let pair: CyrusPair;
  let users: readonly SeededUser[];

  before(async (context) => {
    assert(binaries !== null);
    context.diagnostic?.(`SPOOLDIFF_SEED=${seedNumber}`);
    const random = createRandom(seedNumber);
    pair = await CyrusPair.start(binaries, layout);
    users = await seed(pair, random, 60);
    const carol = await pair.imap("primary", "carol");
    await carol.command('SUBSCRIBE "shared/announce"');
    await carol.command(`SETMETADATA INBOX (/shared/comment NIL /private/vendor/test/long "${"x".repeat(1100)}")`);
    for (const user of users) await churn(pair, user, random, (acts) => acts < 25);
    await pair.sync();
  });

  after(() => pair?.stop());

  for (const side of ["primary", "replica"] as const) {
    it(`are on the ${side} what IMAP says of subscriptions, quotas, annotations and seen state`, async () => {
      const { list, items } = await itemsOf(pair, side);
      await judgeQuotas(await pair.imap(side), items);
      for (const { name } of users) {
        const session = await pair.imap(side, name);
        await judgeSubscriptions(session, name, items);
        await judgeSeen(session, name, list, items);
        await judgeMailboxes(session, name, list, items);
      }
    });
  }
}

async function itemsOf(pair: CyrusPair, side: CyrusSide): Promise<{ list: MailboxList; items: MailboxItem[] }> {
  const configFile = pair.configuration(side);
  const store = await openStore("cyrus", { configFile, partitions: [], configDirectory: null });
  const list = await store.readMailboxList();
  const items: MailboxItem[] = [];
  for await (const reading of store.readItems(list)) {
    assert.ok(reading.status === "read", String(reading.status === "unread" && reading.problem?.found));
    items.push(reading.item);
  }
  const kinds = [...new Set(items.map(({ kind }) => kind))].sort();
  assert.deepEqual(kinds, ["annotation", "quota", "quota-usage", "seen", "subscription"]);
  return { list, items };
}

/** How a user's session names a mailbox. */
function sessionName(mailbox: string, user: string): string {
  const external = administratorName(mailbox);
  if (ownerOf(mailbox) !== user) return external;
  return external === `user/${user}` ? "INBOX" : `INBOX${external.slice(`user/${user}`.length)}`;
}

function values(line: string): readonly ImapValue[] {
  return parseValues(line.slice(line.indexOf(" ", 2) + 1));
}

async function judgeSubscriptions(session: ImapClient, user: string, items: readonly MailboxItem[]): Promise<void> {
  const { untagged } = await session.command('LSUB "" "*"');
  const said = untagged.filter((line) => line.startsWith("* LSUB ")).map((line) => String(values(line)[2]));
  const read = items.filter(({ kind, owner }) => kind === "subscription" && owner === user);
  assert.deepEqual(read.map(({ key }) => sessionName(key, user)).sort(), said.sort(), `subscriptions of ${user}`);
}

async function judgeQuotas(admin: ImapClient, items: readonly MailboxItem[]): Promise<void> {
  const limits = items.filter(({ kind }) => kind === "quota");
  assert.equal(limits.length, 4);
  for (const { key, value } of limits) {
    const { untagged } = await admin.command(`GETQUOTA ${quoted(administratorName(key))}`);
    const said = new Map<string, readonly [used: number, limit: number]>();
    const words = values(untagged.find((line) => line.startsWith("* QUOTA ")) ?? "")[1];
    assert.ok(Array.isArray(words));
    for (let at = 0; at < words.length; at += 3) said.set(words[at], [Number(words[at + 1]), Number(words[at + 2])]);
    const names = [...said.keys()].sort();
    assert.equal(value, names.map((name) => `${name} ${said.get(name)?.[1]}`).join(" "));
    const usage = items.find((item) => item.kind === "quota-usage" && item.key === key)?.value ?? "";
    const used = new Map([...usage.matchAll(/(\S+) (\d+)/g)].map(([, name, number]) => [name, Number(number)]));
    assert.equal(Math.floor((used.get("STORAGE") ?? Number.NaN) / 1024), said.get("STORAGE")?.[0], key);
    assert.equal(used.get("MESSAGE"), said.get("MESSAGE")?.[0], key);
  }
}

/** What a user has seen of mailboxes that are not his. */
async function judgeSeen(session: ImapClient, user: string, list: MailboxList, items: readonly MailboxItem[]) {
  const seen = items.filter(({ kind, owner }) => kind === "seen" && owner === user);
  assert.ok(seen.every(({ mailbox }) => ownerOf(mailbox?.name ?? "") !== user));
  for (const { name } of list.mailboxes) {
    if (ownerOf(name) === user || name.startsWith("DELETED.")) continue;
    const { ok } = await session.attempt(`EXAMINE ${quoted(administratorName(name))}`);
    if (!ok) continue;
    const { untagged } = await session.command("UID SEARCH SEEN");
    const said = (untagged.find((line) => line.startsWith("* SEARCH"))?.match(/\d+/g) ?? []).map(Number);
    const sequence = seen.find(({ mailbox }) => mailbox?.name === name)?.value ?? "";
    const ranges = [...sequence.matchAll(/(\d+)(?::(\d+))?/g)].map(([, from, to]) => [
      Number(from),
      Number(to ?? from),
    ]);
    const uids = await uidsOf(session, administratorName(name));
    const read = uids.filter((uid) => ranges.some(([from = 0, to = 0]) => from <= uid && uid <= to));
    assert.deepEqual(read, said, `${name} as ${user} has seen it`);
  }
}

async function judgeMailboxes(session: ImapClient, user: string, list: MailboxList, items: readonly MailboxItem[]) {
  for (const ref of list.mailboxes) {
    if (ownerOf(ref.name) !== user || ref.name.startsWith("DELETED.")) continue;
    const name = sessionName(ref.name, user);
    const ofMailbox = items.filter(({ kind, mailbox }) => kind === "annotation" && mailbox?.name === ref.name);
    assert.deepEqual(ofMailbox.map(said).sort(), await metadata(session, name), `metadata of ${name}`);
    const reading = cyrusMailboxReader.readAnnotations(ref);
    assert.ok(reading.status === "read");
    const live = new Set(await uidsOf(session, name));
    const read = reading.annotations.filter(({ uid }) => live.has(uid)).map(({ item }) => said(item));
    assert.deepEqual(read.sort(), await messageAnnotations(session, name, user), `annotations of messages of ${name}`);
  }
}

function said({ owner, key, value }: Pick<MailboxItem, "owner" | "key" | "value">): string {
  return `${key} ${owner === "" ? "shared" : "private"} ${value.startsWith("sha1:") ? "long" : value}`;
}

/** Stored annotations of a mailbox, without those that the server computes. */
async function metadata(session: ImapClient, name: string): Promise<string[]> {
  const { untagged } = await session.command(`GETMETADATA (DEPTH infinity) ${quoted(name)} (/shared /private)`);
  const found = new Set<string>();
  for (const line of untagged.filter((text) => text.startsWith("* METADATA "))) {
    // The name may hold parentheses where it is not quoted.
    const list = line.slice(line.search(/ \("?\//) + 1);
    const entries = parseValues(list)[0];
    assert.ok(Array.isArray(entries), line);
    for (let at = 0; at < entries.length; at += 2) {
      const [, whose = "", entry = ""] = /^\/(shared|private)(\/.*)$/.exec(String(entries[at])) ?? [];
      const value = entries[at + 1];
      if (value === null || entry.startsWith("/vendor/cmu/cyrus-imapd/")) continue;
      found.add(`${entry} ${whose} ${String(value).length > 1024 ? "long" : value}`);
    }
  }
  return [...found].sort();
}

async function messageAnnotations(session: ImapClient, name: string, user: string): Promise<string[]> {
  await session.command(`EXAMINE ${quoted(name)}`);
  const { untagged } = await session.command("UID FETCH 1:* (UID ANNOTATION (/comment (value.priv value.shared)))");
  await session.command("UNSELECT");
  const found: string[] = [];
  for (const line of untagged.flatMap((text) => /^\* \d+ FETCH (.*)$/s.exec(text)?.[1] ?? [])) {
    const pairs = pairsOf(parseValues(line)[0]);
    const attributes = pairsOf((pairs.get("ANNOTATION") as readonly ImapValue[])[1]);
    for (const [attribute, owner] of [
      ["VALUE.PRIV", user],
      ["VALUE.SHARED", ""],
    ] as const) {
      const value = attributes.get(attribute);
      if (typeof value === "string") found.push(said({ owner, key: `${pairs.get("UID")} /comment`, value }));
    }
  }
  return found.sort();
}
