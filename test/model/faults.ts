/**
 * Faults that are put into a pair of the model, and what is to be said of each. Mailboxes with a fault are left alone
 * from then on, by people and by replication; how far replication had come with them is as it happened to be.
 */
import type { Random } from "../support/random.ts";
import { deletedName, type FileFault, isDeleted, type ModelHost, type ModelMailbox, type ModelRecord } from "./host.ts";
import type { ModelWorld } from "./world.ts";

/** A finding that has to be made. Fields left out may be anything. */
export interface Expected {
  readonly uniqueId: string;
  readonly classes: readonly string[];
  readonly state?: string;
  readonly side: string;
  readonly uid?: number;
}

/** What a fault was done to, and what has to be found of it whatever else is. */
export interface PlantedFault {
  /** uniqueids of the mailboxes that are left alone from now on. */
  readonly frozen: readonly string[];
  /** Beside what follows from the records; see `expectedOfRecords`. */
  readonly expected: readonly Expected[];
}

type Plant = (world: ModelWorld, random: Random) => PlantedFault | null;

/** Each tries to do one kind of fault; null where there is nothing to do it to. */
export const FAULTS: Readonly<Record<string, Plant>> = {
  file: fileFault,
  flagsOnReplica: onRecords((replica, mailbox, records, random) => {
    const changed = random.some(records, 0.4);
    replica.store(mailbox, changed.length > 0 ? changed : records.slice(0, 1), { flags: "onlyhere" });
  }),
  flagsBehindBack: onRecords((_, __, records, random) => {
    random.pick(records).flags = "behind";
  }),
  expungedOnReplica: onRecords((replica, mailbox, records, random) => {
    replica.store(mailbox, [random.pick(records)], { expunged: true });
  }),
  purgedOnReplica: onRecords((replica, mailbox, records, random) => {
    replica.store(mailbox, [random.pick(records)], { expunged: true });
    replica.repack(mailbox, () => true);
  }),
  addedOnReplica: onRecords((replica, mailbox) => {
    replica.append(mailbox, 900_000);
  }),
  lostOnReplica: onRecords((_, mailbox, records, random) => forget(mailbox, random.pick(records))),
  lostOnPrimary: onPair((_, primary, __, random) => {
    const live = primary.records.filter(({ expunged }) => !expunged);
    if (live.length > 0) forget(primary, random.pick(live));
    return live.length > 0;
  }),
  otherMessage: onRecords((_, __, records, random) => {
    random.pick(records).guid += 500_000;
  }),
  uidValidityOnReplica: onPair((world, primary, replica) => {
    replica.uidValidity = Math.max(primary.uidValidity, world.replica.seconds) + 1;
    replica.filesMtime = world.replica.seconds;
    return [{ uniqueId: primary.uniqueId, classes: ["uidvalidity-differs"], state: "diverged", side: "replica" }];
  }),
  rightsOnReplica: onPair(({ replica: host }, { uniqueId, user }, replica) => {
    host.setRights(replica, "lrswipte", host.nextFolderModseq(user));
    return [{ uniqueId, classes: ["acl-differs"], state: "diverged", side: "replica" }];
  }),
  renamedOnReplica: onPair((world, { uniqueId, user }, replica) => {
    if (isInbox(replica)) return false;
    world.replica.rename(replica, world.freshName(user), world.replica.nextFolderModseq(user));
    return [{ uniqueId, classes: ["mailbox-renamed"], state: "diverged", side: "replica" }];
  }),
  deletedOnReplica: onPair(({ replica: host }, { uniqueId, user }, replica) => {
    if (isInbox(replica)) return false;
    host.rename(replica, deletedName(replica.name, host.seconds), host.nextFolderModseq(user));
    return [{ uniqueId, classes: ["mailbox-missing"], state: "diverged", side: "replica" }];
  }),
  createdOnReplica: (world, random) => {
    const user = random.pick(world.users);
    const { uniqueId } = world.replica.create(world.freshId(), user, world.freshName(user));
    const expected = { uniqueId, classes: ["mailbox-missing"], state: "diverged", side: "primary" };
    return { frozen: [uniqueId], expected: [expected] };
  },
  createdOnBoth: (world, random) => {
    const user = random.pick(world.users);
    const name = world.freshName(user);
    const primary = world.primary.create(world.freshId(), user, name);
    const replica = world.replica.create(world.freshId(), user, name);
    const expected = { uniqueId: primary.uniqueId, classes: ["mailbox-recreated"], state: "diverged", side: "replica" };
    return { frozen: [primary.uniqueId, replica.uniqueId], expected: [expected] };
  },
  namesSwapped: (world, random) => {
    const user = random.pick(world.users);
    const [a, b] = inSync(world).filter(({ primary }) => primary.user === user && !isInbox(primary));
    if (a === undefined || b === undefined) return null;
    const names = [a.primary.name, b.primary.name] as const;
    world.primary.rename(a.primary, names[1], world.primary.nextFolderModseq(user));
    world.primary.rename(b.primary, names[0], world.primary.nextFolderModseq(user));
    const ids = [a.primary.uniqueId, b.primary.uniqueId];
    // One finding for both; which of them it is reported for is nobody's business.
    const expected = { uniqueId: ids.join("|"), classes: ["mailbox-renamed"], state: "diverged", side: "replica" };
    return { frozen: ids, expected: [expected] };
  },
};

interface Pair {
  readonly primary: ModelMailbox;
  readonly replica: ModelMailbox;
}

/**
 * Pairs of mailboxes whose entries in the list agree; what is in them may be behind, but not by a part of a batch: what
 * would become of a fault amid one is beyond `wouldHeal`.
 */
function inSync({ primary, replica, replication }: ModelWorld): Pair[] {
  return primary.live().flatMap((mailbox) => {
    const other = replica.mailboxes.get(mailbox.uniqueId);
    const isSame =
      other !== undefined &&
      !isDeleted(other.name) &&
      !replication.partial.has(mailbox.uniqueId) &&
      other.name === mailbox.name &&
      other.foldermodseq === mailbox.foldermodseq &&
      other.uidValidity === mailbox.uidValidity;
    return isSame ? [{ primary: mailbox, replica: other }] : [];
  });
}

/** A fault of one pair. What is done returns false where it cannot be done, and else what has to be found beside records. */
function onPair(
  change: (
    world: ModelWorld,
    primary: ModelMailbox,
    replica: ModelMailbox,
    random: Random,
  ) => boolean | readonly Expected[],
): Plant {
  return (world, random) => {
    const pairs = inSync(world);
    if (pairs.length === 0) return null;
    const { primary, replica } = random.pick(pairs);
    const done = change(world, primary, replica, random);
    if (done === false) return null;
    return { frozen: [primary.uniqueId], expected: done === true ? [] : done };
  };
}

/** A fault of live records of the replica. */
function onRecords(
  change: (host: ModelHost, mailbox: ModelMailbox, live: readonly ModelRecord[], random: Random) => void,
): Plant {
  return onPair((world, _, replica, random) => {
    const live = replica.records.filter(({ expunged }) => !expunged);
    if (live.length === 0) return false;
    change(world.replica, replica, live, random);
    return true;
  });
}

const FILE_FAULTS: readonly FileFault[] = ["file-missing", "file-corrupt", "file-size-differs"];

function fileFault(world: ModelWorld, random: Random): PlantedFault | null {
  const side = random.pick(["primary", "replica"] as const);
  // One that waits to be made on the replica would wait for ever when it is left alone.
  const mailboxes = inSync(world)
    .map((pair) => pair[side])
    .filter(({ records }) => records.some(({ expunged }) => !expunged));
  if (mailboxes.length === 0) return null;
  const { uniqueId, records } = random.pick(mailboxes);
  const record = random.pick(records.filter(({ expunged }) => !expunged));
  record.fault = random.pick(FILE_FAULTS);
  const expected = { uniqueId, classes: [record.fault], state: "damaged", side, uid: record.uid };
  return { frozen: [uniqueId], expected: [expected] };
}

function forget(mailbox: ModelMailbox, record: ModelRecord): void {
  mailbox.records = mailbox.records.filter((other) => other !== record);
}

function isInbox({ name, user }: ModelMailbox): boolean {
  return name === `user.${user}`;
}
