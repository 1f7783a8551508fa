/**
 * Mail for the pairs of the layout matrix: everything that leaves a trace on disk, in whatever way the servers write
 * names. Names are kept in internal form; sessions are told them as the namespace has it.
 */
import type { Random } from "../random.ts";
import { sampleMessage } from "../sample-message.ts";
import { ADMIN } from "./configuration.ts";
import type { ImapClient } from "./imap-client.ts";
import { modifiedUtf7, quoted } from "./imap-syntax.ts";
import { administratorName, internalName, type Namespace, userName } from "./namespace.ts";
import type { CyrusPair } from "./pair.ts";
import { randomFlags, uidsOf } from "./seed.ts";

/** A user and his mailboxes, by their internal names; the INBOX comes first. */
export interface MatrixUser {
  readonly name: string;
  readonly mailboxes: string[];
}

/** What was made on the primary. */
export interface MatrixMail {
  readonly users: readonly MatrixUser[];
  readonly shared: readonly string[];
}

/** What a pair has beside names. */
export interface MatrixOptions {
  readonly namespace: Namespace;
  /** There is a partition `second`. */
  readonly second: boolean;
  /** How many messages are spread over the mailboxes. */
  readonly messages: number;
}

const EVERYTHING = "lrswipkxtecdan";

/** One level each; a dot becomes a caret where it can be a part of a name. */
const LABELS = [
  ...[
    "Sent",
    "Empty",
    "two  spaces",
    "R&D",
    "it's (odd) [name]",
    "half, half",
    "CaseTest",
    "casetest",
    "user",
    "DELETED",
  ],
  ...["Entw\u00fcrfe", "\u65e5\u672c\u8a9e", "smile \u{1f600}", "#hash $ = ~", "-", "+plus", "x".repeat(150)],
];
/** Where users have no domains: elsewhere what follows the sign is one. */
const AT_LABELS = ["half@way"];
const DOTTED_LABELS = ["v1.2 notes", ".hidden", "trailing.dot.", "12.", "cyrus.index", "a..b"];

/** Fills an empty primary: users, mailboxes, messages and all that belongs to them. */
export async function seedMatrix(pair: CyrusPair, random: Random, options: MatrixOptions): Promise<MatrixMail> {
  const { namespace, second } = options;
  const users: MatrixUser[] = [];
  for (const name of userNames(namespace)) users.push(await createUser(pair, random, options, name));
  const shared = await createShared(pair, random, options);
  const mail = { users, shared };
  for (const user of users) await fill(pair, random, namespace, user, Math.ceil(options.messages / users.length));
  await pair.deliver(
    Array.from({ length: 4 }, () => ({ to: users.map(({ name }) => name), message: sampleMessage(random).bytes })),
  );
  for (const user of users) await workOn(pair, random, namespace, user);
  if (second) await moveToSecond(pair, namespace, users);
  await readOthers(pair, random, namespace, mail);
  await annotateServer(pair, random);
  return mail;
}

/** Changes what {@link seedMatrix} made: for a replica that has an older state already. */
export async function changeMatrix(pair: CyrusPair, random: Random, namespace: Namespace, mail: MatrixMail) {
  for (const user of mail.users) {
    await fill(pair, random, namespace, user, 4);
    const session = await pair.imap("primary", user.name);
    const said = (mailbox: string) => userName(namespace, mailbox, user.name);
    for (const mailbox of random.some(user.mailboxes, 0.3)) {
      const uids = await uidsOf(session, said(mailbox));
      if (uids.length === 0) continue;
      await session.store(said(mailbox), random.some(uids, 0.5).join(",") || "1:*", "+FLAGS", "\\Answered Second-Time");
      await session.expunge(said(mailbox), String(random.pick(uids)));
    }
    const scripts = await pair.openSieve("primary", user.name);
    await scripts.put("late", `# ${random.integer(0, 1e9)}\r\nkeep;\r\n`);
    await scripts.activate(random.pick(["late", ""]));
    scripts.close();
    // Not subscribed is no error here, but for a twoskip database.
    await session.attempt(`UNSUBSCRIBE ${quoted(said(random.pick(user.mailboxes)))}`);
    await session.command(`SETMETADATA INBOX (/private/comment NIL /shared/comment "changed")`);
  }
  await readOthers(pair, random, namespace, mail);
}

function userNames({ separator, defaultDomain }: Namespace): string[] {
  const names = ["alice", "bob", "carol"];
  if (separator === "/") names.push("dave.smith");
  if (defaultDomain !== null) names.push("eve@other.test", "alice@other.test");
  return names;
}

async function createUser(
  pair: CyrusPair,
  random: Random,
  { namespace, second }: MatrixOptions,
  name: string,
): Promise<MatrixUser> {
  const admin = await pair.imap("primary");
  const inbox = internalName(name);
  const root = quoted(administratorName(namespace, inbox));
  await admin.command(`CREATE ${root}`);
  await admin.command(`SETACL ${root} ${ADMIN} ${EVERYTHING}`);
  await admin.command(`SETQUOTA ${root} (STORAGE ${random.integer(500_000, 900_000)} MESSAGE 100000)`);
  const possible = [
    ...LABELS,
    ...(namespace.separator === "/" ? DOTTED_LABELS : []),
    ...(namespace.defaultDomain === null ? AT_LABELS : []),
  ];
  const labels = name === "alice" ? possible : random.some(possible, 0.2);
  const mailboxes = [
    ...labels.map((label) => internalName(name, modifiedUtf7(label))),
    ...[["Tree"], ["Tree", "2024"], ["Tree", "2024", "Q1"], ["No parent", "Below"]].map((below) =>
      internalName(name, ...below),
    ),
  ];
  for (const mailbox of mailboxes) {
    const partition = second && random.chance(0.3) ? " second" : "";
    await admin.command(`CREATE ${quoted(administratorName(namespace, mailbox))}${partition}`);
  }
  // A quota root of its own within the user's tree, with limits of every kind.
  const tree = quoted(administratorName(namespace, internalName(name, "Tree")));
  await admin.command(`SETQUOTA ${tree} (STORAGE 90000 MESSAGE 900 X-ANNOTATION-STORAGE 500 X-NUM-FOLDERS 50)`);
  await admin.command(`SETACL ${tree} anyone lr`);
  await admin.command(`SETACL ${tree} -nobody r`);
  return { name, mailboxes: [inbox, ...mailboxes] };
}

async function createShared(pair: CyrusPair, random: Random, { namespace, second }: MatrixOptions): Promise<string[]> {
  const admin = await pair.imap("primary");
  const names = ["shared", "shared.announce", "shared.Team Space", "Zoo"];
  if (namespace.defaultDomain !== null) names.push("other.test!shared", "other.test!shared.deep");
  for (const name of names) {
    const said = quoted(administratorName(namespace, name));
    await admin.command(`CREATE ${said}${second && name === "shared.announce" ? " second" : ""}`);
    await admin.command(`SETACL ${said} ${ADMIN} ${EVERYTHING}`);
    await admin.command(`SETACL ${said} anyone lrsp`);
    for (let count = 0; count < 3; count++) {
      const { bytes, date } = sampleMessage(random);
      await admin.append(administratorName(namespace, name), bytes, random.some(["Work", "todo"], 0.5), date);
    }
  }
  return names;
}

/** Adds messages to random mailboxes: some twice, some as copies, which Cyrus makes hard links; one is large. */
async function fill(pair: CyrusPair, random: Random, namespace: Namespace, user: MatrixUser, messages: number) {
  const session = await pair.imap("primary", user.name);
  const said = (mailbox: string) => userName(namespace, mailbox, user.name);
  const filled = user.mailboxes.filter((name) => !name.endsWith(".Empty"));
  for (let count = 0; count < messages; count++) {
    const mailbox = said(random.pick(filled));
    const { bytes, date } = sampleMessage(random);
    const times = random.chance(0.1) ? 2 : 1;
    for (let time = 0; time < times; time++) await session.append(mailbox, bytes, randomFlags(random), date);
    if (!random.chance(0.15)) continue;
    await session.command(`EXAMINE ${quoted(mailbox)}`);
    await session.command(`UID COPY * ${quoted(said(random.pick(filled)))}`);
    await session.command("UNSELECT");
  }
  const { bytes, date } = sampleMessage(random);
  const large = Buffer.concat([bytes, Buffer.from(`${"long line ".repeat(90)}\r\n`.repeat(1300))]);
  if (random.chance(0.4)) await session.append("INBOX", large, ["Large"], date);
}

/** Flags, expunges, renames, deletes, subscribes, annotates, and stores sieve scripts. */
async function workOn(pair: CyrusPair, random: Random, namespace: Namespace, user: MatrixUser): Promise<void> {
  const session = await pair.imap("primary", user.name);
  const said = (mailbox: string) => userName(namespace, mailbox, user.name);
  for (const mailbox of random.some(user.mailboxes, 0.4)) {
    await session.command(`SUBSCRIBE ${quoted(said(mailbox))}`);
    const uids = await uidsOf(session, said(mailbox));
    if (uids.length === 0) continue;
    await session.store(said(mailbox), String(random.pick(uids)), "+FLAGS", "\\Flagged LateKeyword");
    await session.store(said(mailbox), String(random.pick(uids)), "-FLAGS", "\\Seen");
    await annotateMessage(session, random, said(mailbox), random.pick(uids));
    if (random.chance(0.5)) await session.expunge(said(mailbox), String(random.pick(uids)));
  }
  await annotateMailboxes(session, random, said, user);
  await renameDeleteRecreate(session, random, said, user);
  await storeScripts(pair, random, user);
}

async function annotateMessage(session: ImapClient, random: Random, mailbox: string, uid: number): Promise<void> {
  const value = random.pick(["a note", "y".repeat(1500), '\\\\ \\" (']);
  await session.command(`SELECT ${quoted(mailbox)}`);
  await session.command(`UID STORE ${uid} ANNOTATION (/comment (value.shared "${value}" value.priv "own"))`);
  await session.command(`UID STORE ${uid} ANNOTATION (/altsubject (value.shared "other"))`);
  await session.command("UNSELECT");
}

async function annotateMailboxes(
  session: ImapClient,
  random: Random,
  said: (mailbox: string) => string,
  { mailboxes }: MatrixUser,
): Promise<void> {
  await session.command(`SETMETADATA INBOX (/private/comment "of the owner" /shared/comment "for all")`);
  for (const mailbox of random.some(mailboxes.slice(1), 0.3)) {
    const name = quoted(said(mailbox));
    const bytes = Buffer.from(
      `${random.integer(0, 1e9)} bl\u00e5 \r\n "quoted" (${"z".repeat(random.pick([1, 1200]))})`,
    );
    await session.command(`SETMETADATA ${name} (/shared/vendor/test/colour `, bytes, ")");
    await session.command(`SETMETADATA ${name} (/private/vendor/test/gone "x")`);
    await session.command(`SETMETADATA ${name} (/private/vendor/test/gone NIL /private/comment "kept")`);
  }
  const own = (level: string) => mailboxes.find((name) => name.endsWith(`.${level}`)) ?? "";
  const tree = quoted(said(own("Tree")));
  await session.command(`SETMETADATA ${tree} (/private/specialuse "\\\\Archive")`);
  await session.command(`SETMETADATA ${quoted(said(own("Q1")))} (/shared/vendor/cmu/cyrus-imapd/sharedseen "true")`);
}

async function renameDeleteRecreate(
  session: ImapClient,
  random: Random,
  said: (mailbox: string) => string,
  { name, mailboxes }: MatrixUser,
): Promise<void> {
  const named = (...below: string[]) => quoted(said(internalName(name, ...below)));
  const create = async (...below: string[]) => {
    await session.command(`CREATE ${named(...below)}`);
    const { bytes, date } = sampleMessage(random);
    await session.append(said(internalName(name, ...below)), bytes, randomFlags(random), date);
  };
  await create("Old Stuff");
  await create("Old Stuff", "Below");
  await session.command(`RENAME ${named("Old Stuff")} ${named("New Stuff")}`);
  await create("Gone");
  await create("Gone", "Child");
  await session.command(`DELETE ${named("Gone", "Child")}`);
  await session.command(`DELETE ${named("Gone")}`);
  await create("Phoenix");
  await session.command(`DELETE ${named("Phoenix")}`);
  await create("Phoenix");
  mailboxes.push(...[["New Stuff"], ["New Stuff", "Below"], ["Phoenix"]].map((below) => internalName(name, ...below)));
}

async function storeScripts(pair: CyrusPair, random: Random, { name }: MatrixUser): Promise<void> {
  if (random.chance(0.2)) return;
  const session = await pair.openSieve("primary", name);
  await session.put(
    "main",
    `require ["fileinto"];\r\nif size :over ${random.integer(1, 999)}K { fileinto "INBOX"; }\r\n`,
  );
  await session.put("other one", "# gr\u00fcn\r\nkeep;\r\n");
  await session.put("gone", "discard;\r\n");
  await session.delete("gone");
  if (random.chance(0.7)) await session.activate(random.pick(["main", "other one"]));
  session.close();
}

/** A mailbox that changes its partition keeps its name and its uniqueid. */
async function moveToSecond(pair: CyrusPair, namespace: Namespace, users: readonly MatrixUser[]): Promise<void> {
  const admin = await pair.imap("primary");
  for (const { name } of users.slice(0, 2)) {
    const mailbox = quoted(administratorName(namespace, internalName(name, "Phoenix")));
    await admin.command(`RENAME ${mailbox} ${mailbox} second`);
  }
}

/** \Seen of users who do not own the mailbox lies outside of its index; so do their subscriptions to it. */
async function readOthers(pair: CyrusPair, random: Random, namespace: Namespace, { users, shared }: MatrixMail) {
  const owner = users[0]?.name ?? "";
  const readable = internalName(owner, "Tree", "2024", "Q1");
  const alice = await pair.imap("primary", owner);
  await alice.command(`SETACL ${quoted(userName(namespace, readable, owner))} bob lrs`);
  await alice.command(`SETACL INBOX bob lrs`);
  for (const { name } of users) {
    const domain = name.split("@")[1];
    const session = await pair.imap("primary", name);
    const others = shared.filter((mailbox) => mailbox.split("!").length === (domain === undefined ? 1 : 2));
    if (name === "bob") others.push(readable, internalName(owner));
    for (const mailbox of others) {
      const said = userName(namespace, mailbox, name);
      const uids = await uidsOf(session, said);
      if (uids.length === 0) continue;
      await session.store(said, String(random.pick(uids)), "+FLAGS", "\\Seen");
      if (random.chance(0.4)) await session.command(`SUBSCRIBE ${quoted(said)}`);
    }
  }
}

async function annotateServer(pair: CyrusPair, random: Random): Promise<void> {
  const admin = await pair.imap("primary");
  await admin.command(`SETMETADATA "" (/shared/comment "server ${random.integer(0, 1e6)}" /shared/admin "root@test")`);
}
