/**
 * Everything that people and programs do to a mail host at once, until it is told to end: two users at work (see
 * `churn.ts`), and beside them what changes whole mailboxes, filters, rights and users, over IMAP, LMTP and ManageSieve.
 */
import type { Random } from "../random.ts";
import { sampleMessage } from "../sample-message.ts";
import { churn } from "./churn.ts";
import { ADMIN } from "./configuration.ts";
import type { ImapClient } from "./imap-client.ts";
import { quoted } from "./imap-syntax.ts";
import type { CyrusPair } from "./pair.ts";
import { appendSample, type SeededUser, uidsOf } from "./seed.ts";

/** Whose mailboxes are moved about. No other worker touches them. */
const MOVER = "dave.smith";

/** A load that runs until it is ended. */
export interface Load {
  /** Ends all workers. Returns how many acts each has done; a worker that failed is an exception. */
  end(): Promise<readonly number[]>;
}

/** What the worker of whole mailboxes has at hand. */
interface Mover {
  readonly pair: CyrusPair;
  readonly session: ImapClient;
  readonly admin: ImapClient;
  readonly random: Random;
  /** Name of the tree as it is now. */
  tree: string;
  /** Users made so far; every second one is deleted again. */
  readonly newUsers: string[];
  count: number;
}

type Act = (mover: Mover) => Promise<void>;

const ACTS: readonly Act[] = [
  ...[addKeyword, addKeyword, move, move, move, deliverToAll, deliverToAll],
  ...[renameTree, remake, remake, changeRights, changeRights, filter, filter, addUser, removeUser, expire],
];

/** Starts the load on a seeded pair. */
export async function startLoad(pair: CyrusPair, users: readonly SeededUser[], random: Random): Promise<Load> {
  let going = true;
  const session = await pair.openImap("primary", MOVER);
  const admin = await pair.openImap("primary");
  // An earlier load has left its tree under one of its numbers.
  const count = 1000 * random.integer(1, 1_000_000);
  const mover = { pair, session, admin, random, tree: "INBOX/Load tree", newUsers: [], count };
  await prepare(mover);
  const work = async () => {
    let acts = 0;
    try {
      for (; going; acts++) await random.pick(ACTS)(mover);
    } finally {
      await Promise.all([session.close(), admin.close()]);
    }
    return acts;
  };
  const workers = [...users.slice(0, 2).map((user) => churn(pair, user, random, () => going)), work()];
  // A worker that fails ends its own work only; `end` tells.
  const ended = Promise.all(workers);
  ended.catch(() => {});
  return {
    end: async () => {
      going = false;
      await Promise.allSettled(workers);
      return ended;
    },
  };
}

async function prepare({ session, tree, random }: Mover): Promise<void> {
  for (const name of ["INBOX/Load from", "INBOX/Load to", "INBOX/Load phoenix", tree, `${tree}/a`, `${tree}/a/b`]) {
    // Left over from an earlier load.
    await session.attempt(`CREATE ${quoted(name)}`);
    await appendSample(session, name, random);
  }
}

/** A keyword that the mailbox has not had: its number in the index is given out anew on each side. */
async function addKeyword({ session, random }: Mover): Promise<void> {
  const mailbox = random.pick(["INBOX", "INBOX/Load from", "INBOX/Load to"]);
  await appendSample(session, mailbox, random);
  const uids = await uidsOf(session, mailbox);
  await session.store(mailbox, random.some(uids, 0.3).join(",") || "1:*", "+FLAGS", `Load${random.integer(0, 60)}`);
}

async function move({ session, random }: Mover): Promise<void> {
  const [from, to] = random.chance(0.5)
    ? (["INBOX/Load from", "INBOX/Load to"] as const)
    : (["INBOX/Load to", "INBOX/Load from"] as const);
  const uids = await uidsOf(session, from);
  if (uids.length === 0) return appendSample(session, from, random);
  await session.command(`SELECT ${quoted(from)}`);
  await session.command(`UID MOVE ${random.some(uids, 0.5).join(",") || uids[0]} ${quoted(to)}`);
  await session.command("UNSELECT");
}

/** One message for several users: one file with several names. */
async function deliverToAll({ pair, random, newUsers }: Mover): Promise<void> {
  await pair.deliver([{ to: [MOVER, "alice", "bob", ...newUsers.slice(-1)], message: sampleMessage(random).bytes }]);
}

async function renameTree(mover: Mover): Promise<void> {
  const to = `INBOX/Load tree ${++mover.count}`;
  await mover.session.command(`RENAME ${quoted(mover.tree)} ${quoted(to)}`);
  mover.tree = to;
  await appendSample(mover.session, `${to}/a`, mover.random);
}

/** Deletes a mailbox and makes another one of the same name. */
async function remake({ session, random }: Mover): Promise<void> {
  // Refused twice within one second: what is deleted gets a name that ends in the second.
  if (!(await session.attempt('DELETE "INBOX/Load phoenix"')).ok) return;
  if (random.chance(0.5)) await pause(random.integer(0, 300));
  await session.command('CREATE "INBOX/Load phoenix"');
  await appendSample(session, "INBOX/Load phoenix", random);
}

async function changeRights({ session, tree, random }: Mover): Promise<void> {
  const mailbox = quoted(random.pick(["INBOX/Load to", tree]));
  const rights = random.pick(["lrs", "lrsp", "lrswi"]);
  const change = random.chance(0.3) ? `DELETEACL ${mailbox} bob` : `SETACL ${mailbox} bob ${rights}`;
  await session.command(change);
}

async function filter({ pair, random }: Mover): Promise<void> {
  const client = await pair.openSieve("primary", MOVER);
  try {
    const names = ["load-a", "load-b"];
    const { active } = await client.list();
    const name = random.pick(names);
    await client.put(name, `require "fileinto";\r\n# ${random.integer(0, 1e9)}\r\nkeep;\r\n`);
    // Never deactivated: the replica of 3.6 can keep its defaultbc then, and no replication takes it away (observed).
    if (random.chance(0.5)) await client.activate(name);
    else if (random.chance(0.3) && active !== name) await client.delete(name);
  } finally {
    client.close();
  }
}

async function addUser({ pair, admin, random, newUsers }: Mover): Promise<void> {
  if (newUsers.length >= 8) return;
  const name = `load${random.integer(0, 1e9)}`;
  await admin.command(`CREATE ${quoted(`user/${name}`)}`);
  await admin.command(`SETACL ${quoted(`user/${name}`)} ${ADMIN} lrswipkxtecdan`);
  await pair.deliver([{ to: [name], message: sampleMessage(random).bytes }]);
  newUsers.push(name);
}

async function removeUser({ admin, newUsers }: Mover): Promise<void> {
  if (newUsers.length < 3) return;
  await admin.command(`DELETE ${quoted(`user/${newUsers.shift()}`)}`);
}

/**
 * Drops expunged records and deleted mailboxes on one host. A replica may drop all that it has been told of; a primary
 * that drops what replication has yet to bring is misconfigured: the replica then expunges under modseqs of its own.
 */
async function expire({ pair, random }: Mover): Promise<void> {
  const [side, age] = random.pick([
    ["primary", "60s"],
    ["replica", "0s"],
  ] as const);
  // It aborts at an index with a damaged record: whatever came before that is done.
  await pair.tool(side, "cyr_expire", ["-E", "1", "-X", age, "-D", age]);
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
