import type { Random } from "../random.ts";
import { sampleMessage } from "../sample-message.ts";
import { ADMIN } from "./configuration.ts";
import type { ImapClient } from "./imap-client.ts";
import { modifiedUtf7, quoted } from "./imap-syntax.ts";
import type { CyrusPair } from "./pair.ts";

/** A user and the mailboxes it has, as its own session names them: `INBOX`, `INBOX/Sent`. */
export interface SeededUser {
  readonly name: string;
  readonly mailboxes: string[];
}

const USERS = ["alice", "bob", "carol", "dave.smith"];
const EVERYTHING = "lrswipkxtecdan";

/** Names that trip a program which splits, escapes, folds or globs: in a user's tree, levels joined by a slash. */
const AWKWARD_NAMES = [
  ...["Sent", "Archive", "Archive/2024", "Archive/2024/Q1", "Empty"],
  ...["v1.2 notes", ".hidden", "trailing.dot.", "two  spaces", "R&D", "a-&-b", "it's (odd) [name]", "half, half"],
  ...["CaseTest", "casetest", "Entw\u00fcrfe", "\u65e5\u672c\u8a9e", "smile \u{1f600}", "12.", "user", "DELETED"],
];
/** What further names are put together from. */
const NAME_PIECES = [
  "a",
  "Z",
  "9",
  ".",
  " ",
  "&",
  "-",
  "+",
  "[",
  "]",
  "(",
  ")",
  "'",
  "#",
  "$",
  "=",
  "@",
  "_",
  "~",
  "\u00e9",
  "\u6f22",
];

const SYSTEM_FLAGS = ["\\Seen", "\\Answered", "\\Flagged", "\\Draft", "\\Deleted"];
const KEYWORDS = ["$Forwarded", "NonJunk", "Work", "$Label1", "todo", "$MDNSent"];

/**
 * Fills a primary with users and mail: awkward names, flags and keywords, expunged messages, messages that two users
 * share as hard links, a renamed mailbox, a deleted one (`DELETED.*`) and one made again under its old name, ACLs,
 * quotas, subscriptions, annotations and other users' seen state.
 */
export async function seed(pair: CyrusPair, random: Random, messages: number): Promise<readonly SeededUser[]> {
  const admin = await pair.imap("primary");
  const users: SeededUser[] = [];
  for (const name of USERS) users.push(await createUser(pair, admin, name, random));
  await createShared(admin, random);
  for (let count = 0; count < messages; count++) {
    const user = random.pick(users);
    const session = await pair.imap("primary", user.name);
    await appendSample(session, random.pick(user.mailboxes.filter((name) => !name.endsWith("/Empty"))), random);
  }
  await deliverToSeveral(pair, random);
  for (const user of users) await touch(await pair.imap("primary", user.name), user, random);
  await readOthers(pair, random);
  return users;
}

/** Adds a message with random flags. */
export async function appendSample(session: ImapClient, mailbox: string, random: Random): Promise<void> {
  const { bytes, date } = sampleMessage(random);
  await session.append(mailbox, bytes, randomFlags(random), date);
}

export function randomFlags(random: Random): string[] {
  return [...random.some(SYSTEM_FLAGS, 0.3), ...random.some(KEYWORDS, 0.15)];
}

/** The UIDs of a mailbox, in order. */
export async function uidsOf(session: ImapClient, mailbox: string): Promise<readonly number[]> {
  await session.command(`EXAMINE ${quoted(mailbox)}`);
  const { untagged } = await session.command("UID SEARCH ALL");
  await session.command("UNSELECT");
  const numbers = untagged.find((line) => line.startsWith("* SEARCH"))?.match(/\d+/g) ?? [];
  return numbers.map(Number);
}

async function createUser(pair: CyrusPair, admin: ImapClient, name: string, random: Random): Promise<SeededUser> {
  const root = quoted(`user/${name}`);
  await admin.command(`CREATE ${root}`);
  await admin.command(`SETACL ${root} ${ADMIN} ${EVERYTHING}`);
  await admin.command(`SETQUOTA ${root} (STORAGE ${random.integer(500_000, 900_000)} MESSAGE 100000)`);
  const session = await pair.imap("primary", name);
  const mailboxes = ["INBOX"];
  const invented = Array.from({ length: 4 }, () =>
    Array.from({ length: random.integer(2, 6) }, () => random.pick(NAME_PIECES)).join(""),
  );
  const known = name === "alice" ? AWKWARD_NAMES : random.some(AWKWARD_NAMES, 0.3);
  for (const label of new Set([...known, ...invented])) {
    const mailbox = `INBOX/${modifiedUtf7(label)}`;
    // An invented name may be one that Cyrus refuses; the known ones it takes.
    const { ok, status } = await session.attempt(`CREATE ${quoted(mailbox)}`);
    if (ok) mailboxes.push(mailbox);
    else if (!invented.includes(label)) throw new Error(`Cannot create "${mailbox}": ${status}`);
  }
  return { name, mailboxes };
}

async function createShared(admin: ImapClient, random: Random): Promise<void> {
  for (const name of ["shared", "shared/announce", "shared/Team Space"]) {
    await admin.command(`CREATE ${quoted(name)}`);
    await admin.command(`SETACL ${quoted(name)} ${ADMIN} ${EVERYTHING}`);
    await admin.command(`SETACL ${quoted(name)} anyone lrsp`);
    const { bytes, date } = sampleMessage(random);
    await admin.append(name, bytes, random.some(KEYWORDS, 0.5), date);
  }
}

async function deliverToSeveral(pair: CyrusPair, random: Random): Promise<void> {
  const deliveries = Array.from({ length: 4 }, () => ({
    to: ["alice", "bob", ...random.some(["carol", "dave.smith"], 0.5)],
    message: sampleMessage(random).bytes,
  }));
  await pair.deliver(deliveries);
}

/** Changes what a user has: everything that leaves a trace which a healthy pair may differ in. */
async function touch(session: ImapClient, user: SeededUser, random: Random): Promise<void> {
  for (const mailbox of random.some(user.mailboxes, 0.4)) {
    const uids = await uidsOf(session, mailbox);
    if (uids.length === 0) continue;
    await session.store(mailbox, String(random.pick(uids)), "+FLAGS", "\\Flagged LateKeyword");
    await session.store(mailbox, String(random.pick(uids)), "-FLAGS", "\\Seen");
    if (random.chance(0.5)) await session.expunge(mailbox, String(random.pick(uids)));
    await session.command(`SUBSCRIBE ${quoted(mailbox)}`);
  }
  await appendSample(session, "INBOX", random);
  const [last] = (await uidsOf(session, "INBOX")).slice(-1);
  await session.command("SELECT INBOX");
  await session.command(`UID STORE ${last} ANNOTATION (/comment (value.shared "a note"))`);
  await session.command("UNSELECT");
  await session.command(`SETMETADATA INBOX (/private/comment "of ${user.name}" /shared/comment "for all")`);
  await renameDeleteRecreate(session, user, random);
}

async function renameDeleteRecreate(session: ImapClient, user: SeededUser, random: Random): Promise<void> {
  const create = async (name: string) => {
    await session.command(`CREATE ${quoted(name)}`);
    await appendSample(session, name, random);
  };
  await create("INBOX/Old Stuff");
  await create("INBOX/Old Stuff/Below");
  await session.command('RENAME "INBOX/Old Stuff" "INBOX/New Stuff"');
  await create("INBOX/Gone");
  await create("INBOX/Gone/Child");
  await session.command('DELETE "INBOX/Gone/Child"');
  await session.command('DELETE "INBOX/Gone"');
  await create("INBOX/Phoenix");
  await session.command("DELETE INBOX/Phoenix");
  await create("INBOX/Phoenix");
  user.mailboxes.push("INBOX/New Stuff", "INBOX/New Stuff/Below", "INBOX/Phoenix");
}

/** Seen state of users who do not own the mailbox lies outside its index. */
async function readOthers(pair: CyrusPair, random: Random): Promise<void> {
  const alice = await pair.imap("primary", "alice");
  await alice.command(`SETACL INBOX/Sent bob lrs`);
  await appendSample(alice, "INBOX/Sent", random);
  const bob = await pair.imap("primary", "bob");
  await bob.store("shared", "1", "+FLAGS", "\\Seen");
  await bob.store("user/alice/Sent", "1:*", "+FLAGS", "\\Seen");
}
