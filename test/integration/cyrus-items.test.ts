/** A real Cyrus IMAP pair on loopback is the judge of items: what IMAP says of them must be what is read from its disk. */
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import type { Item } from "../../src/mail/item.ts";
import { isDeletedName } from "../../src/mail/name.ts";
import { cyrusMailboxReader } from "../../src/store/cyrus/reader.ts";
import type { MailboxRef } from "../../src/store/mail-store.ts";
import { openStore } from "../../src/store/registry.ts";
import { cyrusToTestWith } from "../support/cyrus-server/binaries.ts";
import { churn } from "../support/cyrus-server/churn.ts";
import type { LayoutOptions } from "../support/cyrus-server/configuration.ts";
import { judgeAnnotations, judgeQuotas, judgeSeen, judgeSubscriptions } from "../support/cyrus-server/judge-items.ts";
import type { ItemRow } from "../support/cyrus-server/manifest-tables.ts";
import { namespaceOf, splitInternal, userName } from "../support/cyrus-server/namespace.ts";
import { CyrusPair, type CyrusSide } from "../support/cyrus-server/pair.ts";
import { type SeededUser, seed } from "../support/cyrus-server/seed.ts";
import { chosenSeed, createRandom } from "../support/random.ts";

const LAYOUTS: Readonly<Record<string, LayoutOptions>> = {
  "legacy, full hash, other back ends": {
    ...{ layout: "legacy", hash: true, fullHash: true, metaFiles: ["annotations"] },
    extra: ["subscription_db: skiplist", "seenstate_db: flat", "annotation_db: skiplist", "quota_db: twoskip"],
  },
  uuid: { layout: "uuid" },
};
const KINDS = ["annotation", "message-annotation", "modseq-counter", "quota", "quota-usage", "seen", "subscription"];

const { binaries, missing } = cyrusToTestWith();
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
      const { mailboxes, items } = await itemsOf(pair, side);
      const namespace = namespaceOf(layout);
      await judgeQuotas({ session: await pair.imap(side), namespace, items }, users.length);
      for (const { name: user } of users) {
        const judge = { session: await pair.imap(side, user), namespace, items };
        await judgeSubscriptions(judge, user);
        await judgeSeen(judge, user, mailboxes);
        for (const mailbox of mailboxes.filter((name) => splitInternal(name).owner === user)) {
          await judgeAnnotations(judge, user, mailbox, userName(namespace, mailbox, user));
        }
      }
    });
  }
}

/** What the store's own readers make of one side; mailboxes without those that were deleted. */
async function itemsOf(pair: CyrusPair, side: CyrusSide): Promise<{ mailboxes: string[]; items: ItemRow[] }> {
  const configFile = pair.configuration(side);
  const store = await openStore("cyrus", { configFile, partitions: [], configDirectory: null });
  const list = await store.readMailboxList();
  const items: ItemRow[] = [];
  for await (const reading of store.readItems(list)) {
    assert.ok(reading.status === "read", String(reading.status === "unread" && reading.problem?.found));
    items.push(rowOf(reading.item, reading.item.mailbox?.name ?? null));
  }
  const living = list.mailboxes.filter(({ name }) => !isDeletedName(name));
  for (const ref of living) items.push(...messageAnnotationsOf(ref));
  assert.deepEqual([...new Set(items.map(({ kind }) => kind))].sort(), KINDS);
  return { mailboxes: living.map(({ name }) => name), items };
}

function messageAnnotationsOf(ref: MailboxRef): ItemRow[] {
  const reading = cyrusMailboxReader.readIndex(ref);
  assert.ok(reading.status === "read" && reading.snapshot.annotations.status === "read");
  return reading.snapshot.annotations.annotations.map(({ item }) => rowOf(item, ref.name));
}

function rowOf({ kind, owner, key, value }: Item, mailbox: string | null): ItemRow {
  return { kind, owner, key, value, mailbox };
}
