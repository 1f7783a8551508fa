/** IMAP is the judge of items: ACLs, quotas, subscriptions, annotations, and what users have seen of others' mail. */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import type { ImapClient } from "./imap-client.ts";
import { type ImapValue, pairsOf, parseValues, quoted } from "./imap-syntax.ts";
import type { ItemRow } from "./manifest-tables.ts";
import { administratorName, type Namespace, splitInternal, userName } from "./namespace.ts";
import { uidsOf } from "./seed.ts";

/** What a session is asked about, and how it says names. */
export interface ItemJudge {
  readonly session: ImapClient;
  readonly namespace: Namespace;
  readonly items: readonly ItemRow[];
}

/** Names of quota resources that this server still says in an older way. @see RFC 9208 */
const RESOURCES: Readonly<Record<string, string>> = {
  "X-ANNOTATION-STORAGE": "ANNOTATION-STORAGE",
  "X-NUM-FOLDERS": "MAILBOX",
};

/** Asserts that a user's subscriptions are what LSUB lists. */
export async function judgeSubscriptions({ session, namespace, items }: ItemJudge, user: string): Promise<void> {
  const { untagged } = await session.command('LSUB "" "*"');
  const said = untagged.filter((line) => line.startsWith("* LSUB ") && !/\\noselect/i.test(line));
  const read = items.filter(({ kind, owner }) => kind === "subscription" && owner === user);
  assert.deepEqual(
    read.map(({ key }) => userName(namespace, key, user)).toSorted(),
    said.map((line) => String(values(line)[2])).toSorted(),
    `subscriptions of ${user}`,
  );
}

/** Asserts that limits and usage of every quota root are what GETQUOTA says. The session is the administrator's. */
export async function judgeQuotas({ session, namespace, items }: ItemJudge, roots: number): Promise<void> {
  const limits = items.filter(({ kind }) => kind === "quota");
  assert.equal(limits.length, roots);
  for (const { key, value } of limits) {
    const { untagged } = await session.command(`GETQUOTA ${quoted(administratorName(namespace, key))}`);
    const said = new Map<string, readonly [used: number, limit: number]>();
    const words = values(untagged.find((line) => line.startsWith("* QUOTA ")) ?? "")[1];
    assert.ok(Array.isArray(words));
    for (let at = 0; at < words.length; at += 3) {
      const resource = RESOURCES[String(words[at])] ?? String(words[at]);
      said.set(resource, [Number(words[at + 1]), Number(words[at + 2])]);
    }
    assert.equal(
      value,
      [...said.keys()]
        .sort()
        .map((name) => `${name} ${said.get(name)?.[1]}`)
        .join(" "),
      key,
    );
    const usage = items.find((item) => item.kind === "quota-usage" && item.key === key)?.value ?? "";
    const used = new Map([...usage.matchAll(/(\S+) (\d+)/g)].map(([, name, number]) => [name, Number(number)]));
    for (const [resource, [amount]] of said) {
      const read = used.get(resource) ?? Number.NaN;
      // STORAGE is bytes on disk; annotations' usage too, and the server says it in KiB, rounded up.
      if (resource === "STORAGE") assert.equal(Math.floor(read / 1024), amount, `${key} ${resource}`);
      else if (resource === "ANNOTATION-STORAGE")
        assert.ok(
          amount === Math.floor(read / 1024) || amount === Math.ceil(read / 1024),
          `${key} ${resource}: ${read} bytes, ${amount} KiB`,
        );
      else assert.equal(read, amount, `${key} ${resource}`);
    }
  }
}

/** Asserts that what a user has seen of these mailboxes, which are not his, is what SEARCH SEEN finds. Returns how much. */
export async function judgeSeen(
  { session, namespace, items }: ItemJudge,
  user: string,
  mailboxes: readonly string[],
): Promise<number> {
  const seen = items.filter(({ kind, owner }) => kind === "seen" && owner === user);
  assert.ok(seen.every(({ mailbox }) => splitInternal(mailbox ?? "").owner !== user));
  let found = 0;
  for (const name of mailboxes) {
    const said = userName(namespace, name, user);
    const { owner, domain } = splitInternal(name);
    // A session cannot say a name of another domain.
    if (domain !== (user.split("@")[1] ?? null)) continue;
    if (owner === user || !(await session.attempt(`EXAMINE ${quoted(said)}`)).ok) continue;
    const { untagged } = await session.command("UID SEARCH SEEN");
    const uids = (untagged.find((line) => line.startsWith("* SEARCH"))?.match(/\d+/g) ?? []).map(Number);
    const sequence = seen.find(({ mailbox }) => mailbox === name)?.value ?? "";
    const ranges = [...sequence.matchAll(/(\d+)(?::(\d+))?/g)].map(([, from, to]) => [
      Number(from),
      Number(to ?? from),
    ]);
    const inRanges = (uid: number) => ranges.some(([from = 0, to = 0]) => from <= uid && uid <= to);
    assert.deepEqual((await uidsOf(session, said)).filter(inRanges), uids, `${name} as ${user} has seen it`);
    found += uids.length;
  }
  return found;
}

/** Asserts that a mailbox's ACL is what GETACL says. */
export async function judgeAcl({ session, items }: ItemJudge, mailbox: string, said: string): Promise<void> {
  const { untagged } = await session.command(`GETACL ${quoted(said)}`);
  const line = untagged.find((text) => text.startsWith("* ACL ")) ?? "";
  const words = values(line).slice(1).map(String);
  const pairs = Array.from({ length: words.length / 2 }, (_, at) => [words[2 * at], words[2 * at + 1]]);
  const read = items.filter((item) => item.kind === "acl" && item.mailbox === mailbox);
  assert.deepEqual(read.map(({ key, value }) => [key, value]).toSorted(), pairs.toSorted(), `ACL of ${mailbox}`);
}

/**
 * Asserts that annotations of a mailbox and of its messages are what its owner's session is told.
 *
 * @param said how the session names the mailbox; empty: the server's own
 */
export async function judgeAnnotations(
  { session, items }: ItemJudge,
  user: string,
  mailbox: string | null,
  said: string,
): Promise<void> {
  const of = (kind: string) =>
    items.filter((item) => item.kind === kind && item.mailbox === mailbox).map(annotationText);
  assert.deepEqual(of("annotation").toSorted(), await metadata(session, said, user), `metadata of ${mailbox}`);
  if (mailbox === null) return;
  const live = new Set((await uidsOf(session, said)).map(String));
  const read = of("message-annotation").filter((text) => live.has(text.slice(0, text.indexOf(" "))));
  const spoken = await messageAnnotations(session, said, user);
  assert.deepEqual(read.toSorted(), spoken, `annotations of messages of ${mailbox}`);
}

function values(line: string): readonly ImapValue[] {
  return parseValues(line.slice(line.indexOf(" ", 2) + 1));
}

function annotationText({ owner, key, value }: Pick<ItemRow, "owner" | "key" | "value">): string {
  return `${key} of ${JSON.stringify(owner)}: ${value}`;
}

/** As a manifest keeps a value: private ones, but for settings, and long ones as digest and size. */
function keptValue(entry: string, owner: string, value: string): string {
  const setting = entry === "/specialuse" || entry.startsWith("/vendor/cmu/cyrus-imapd/");
  if ((owner === "" || setting) && value.length <= 1024) return value;
  const digest = createHash("sha1").update(Buffer.from(value, "latin1")).digest("hex");
  return `sha1:${digest} (${value.length} bytes)`;
}

/** Stored annotations of a mailbox, without those that the server computes. */
async function metadata(session: ImapClient, name: string, user: string): Promise<string[]> {
  const { untagged } = await session.command(`GETMETADATA (DEPTH infinity) ${quoted(name)} (/shared /private)`);
  const found = new Set<string>();
  for (const line of untagged.filter((text) => text.startsWith("* METADATA "))) {
    // The name may hold parentheses where it is not quoted.
    const entries = parseValues(line.slice(line.search(/ \("?\//) + 1))[0];
    assert.ok(Array.isArray(entries), line);
    for (let at = 0; at < entries.length; at += 2) {
      const [, whose = "", entry = ""] = /^\/(shared|private)(\/.*)$/.exec(String(entries[at])) ?? [];
      const value = entries[at + 1];
      if (value === null || entry.startsWith("/vendor/cmu/cyrus-imapd/")) continue;
      const owner = whose === "shared" ? "" : user;
      found.add(annotationText({ owner, key: entry, value: keptValue(entry, owner, String(value)) }));
    }
  }
  return [...found].toSorted();
}

async function messageAnnotations(session: ImapClient, name: string, user: string): Promise<string[]> {
  await session.command(`EXAMINE ${quoted(name)}`);
  const attributes = "(value.priv value.shared)";
  const { untagged } = await session.command(`UID FETCH 1:* (UID ANNOTATION ((/comment /altsubject) ${attributes}))`);
  await session.command("UNSELECT");
  const found: string[] = [];
  for (const line of untagged.flatMap((text) => /^\* \d+ FETCH (.*)$/s.exec(text)?.[1] ?? [])) {
    const pairs = pairsOf(parseValues(line)[0]);
    for (const [entry, told] of pairsOf(pairs.get("ANNOTATION"))) {
      const key = entry.toLowerCase();
      for (const [attribute, owner] of [
        ["VALUE.PRIV", user],
        ["VALUE.SHARED", ""],
      ] as const) {
        const value = pairsOf(told).get(attribute);
        if (typeof value !== "string") continue;
        found.push(annotationText({ owner, key: `${pairs.get("UID")} ${key}`, value: keptValue(key, owner, value) }));
      }
    }
  }
  return found.toSorted();
}
