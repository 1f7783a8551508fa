import type { Random } from "../random.ts";
import { sampleMessage } from "../sample-message.ts";
import type { ImapClient } from "./imap-client.ts";
import { quoted } from "./imap-syntax.ts";
import type { CyrusPair } from "./pair.ts";
import { appendSample, randomFlags, type SeededUser, uidsOf } from "./seed.ts";

/** One user at work: a session, and what it does next. */
interface Worker {
  readonly pair: CyrusPair;
  readonly session: ImapClient;
  readonly user: SeededUser;
  readonly random: Random;
}

type Act = (worker: Worker, mailbox: string) => Promise<void>;

/** What a user does, as often as it stands here. */
const ACTS: readonly Act[] = [
  add,
  add,
  add,
  receive,
  receive,
  flag,
  flag,
  flag,
  flag,
  unflag,
  expunge,
  copy,
  create,
  rename,
  remove,
  annotateMailbox,
  annotateMessage,
  subscribe,
  readShared,
];

/**
 * Does what a user does for as long as `go` says so, over a session of its own: adds, receives, flags, copies and
 * expunges messages, creates, renames and deletes mailboxes, annotates, subscribes and reads what others own. `user` is kept up to date. Returns how many acts were done.
 */
export async function churn(
  pair: CyrusPair,
  user: SeededUser,
  random: Random,
  go: (acts: number) => boolean,
): Promise<number> {
  const session = await pair.openImap("primary", user.name);
  const worker = { pair, session, user, random };
  let acts = 0;
  try {
    for (; go(acts); acts++) await random.pick(ACTS)(worker, random.pick(user.mailboxes));
  } finally {
    await session.close();
  }
  return acts;
}

function add({ session, random }: Worker, mailbox: string): Promise<void> {
  return appendSample(session, mailbox, random);
}

function receive({ pair, user, random }: Worker): Promise<void> {
  return pair.deliver([{ to: [user.name], message: sampleMessage(random).bytes }]);
}

async function flag({ session, random }: Worker, mailbox: string): Promise<void> {
  const uids = await uidsOf(session, mailbox);
  if (uids.length > 0)
    await session.store(mailbox, random.some(uids, 0.3).join(",") || "1:*", "+FLAGS", randomFlags(random).join(" "));
}

async function unflag({ session, random }: Worker, mailbox: string): Promise<void> {
  const uids = await uidsOf(session, mailbox);
  if (uids.length > 0) await session.store(mailbox, String(random.pick(uids)), "FLAGS", "");
}

async function expunge({ session, random }: Worker, mailbox: string): Promise<void> {
  const uids = await uidsOf(session, mailbox);
  if (uids.length > 0) await session.expunge(mailbox, String(random.pick(uids)));
}

async function copy({ session, user, random }: Worker, mailbox: string): Promise<void> {
  const uids = await uidsOf(session, mailbox);
  if (uids.length === 0) return;
  await session.command(`EXAMINE ${quoted(mailbox)}`);
  await session.command(`UID COPY ${random.pick(uids)} ${quoted(random.pick(user.mailboxes))}`);
  await session.command("UNSELECT");
}

async function create({ session, user, random }: Worker): Promise<void> {
  const name = `INBOX/New ${user.mailboxes.length}.${random.integer(0, 1e9)}`;
  await session.command(`CREATE ${quoted(name)}`);
  user.mailboxes.push(name);
}

/** Renames a mailbox without children, so that one name changes and no more. */
async function rename({ session, user, random }: Worker): Promise<void> {
  const from = newLeaf(user, random);
  if (from === null) return;
  const to = `INBOX/New name ${random.integer(0, 1e9)}`;
  await session.command(`RENAME ${quoted(from)} ${quoted(to)}`);
  user.mailboxes.splice(user.mailboxes.indexOf(from), 1, to);
}

async function remove({ session, user, random }: Worker): Promise<void> {
  const name = newLeaf(user, random);
  if (name === null) return;
  await session.command(`DELETE ${quoted(name)}`);
  user.mailboxes.splice(user.mailboxes.indexOf(name), 1);
}

/** Sets an annotation of a mailbox, shared or private, or takes it away. */
async function annotateMailbox({ session, random }: Worker, mailbox: string): Promise<void> {
  const value = random.chance(0.3) ? "NIL" : `"as of ${random.integer(0, 1e6)}"`;
  const entry = random.pick(["/shared/comment", "/private/comment"]);
  await session.command(`SETMETADATA ${quoted(mailbox)} (${entry} ${value})`);
}

async function annotateMessage({ session, random }: Worker, mailbox: string): Promise<void> {
  const uids = await uidsOf(session, mailbox);
  if (uids.length === 0) return;
  const value = random.chance(0.3) ? "NIL" : `"note ${random.integer(0, 1e6)}"`;
  const attribute = random.pick(["value.shared", "value.priv"]);
  await session.command(`SELECT ${quoted(mailbox)}`);
  await session.command(`UID STORE ${random.pick(uids)} ANNOTATION (/comment (${attribute} ${value}))`);
  await session.command("UNSELECT");
}

async function subscribe({ session, random }: Worker, mailbox: string): Promise<void> {
  await session.command(`${random.pick(["SUBSCRIBE", "UNSUBSCRIBE"])} ${quoted(mailbox)}`);
}

/** \Seen of a user in a mailbox of nobody lies outside of its index. */
async function readShared({ session, random }: Worker): Promise<void> {
  const mailbox = random.pick(["shared", "shared/announce"]);
  const uids = await uidsOf(session, mailbox);
  if (uids.length > 0)
    await session.store(mailbox, String(random.pick(uids)), random.pick(["+FLAGS", "-FLAGS"]), "\\Seen");
}

/** One of the mailboxes that {@link create} made, or null. */
function newLeaf(user: SeededUser, random: Random): string | null {
  const leaves = user.mailboxes.filter((name) => /^INBOX\/New (name )?\d/.test(name));
  return leaves.length === 0 ? null : random.pick(leaves);
}
