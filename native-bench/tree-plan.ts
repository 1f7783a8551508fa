import type { Random } from "./random.ts";

/** What decides a generated spool. Two trees with equal plans hold the same bytes. */
export interface TreePlan {
  /** Short name, part of the directory's name. */
  readonly name: string;
  readonly messages: number;
  readonly mailboxes: number;
  /** File sizes are log-normal: this median, and `sigma` as the standard deviation of their logarithm. */
  readonly medianBytes: number;
  readonly sigma: number;
  readonly maxBytes: number;
  readonly seed: number;
}

/** Mean 9.9 KB, as `perf` trees of real mail have it: mean = median × exp(sigma² / 2). */
const SMALL = { medianBytes: 6000, sigma: 1, maxBytes: 20_000_000, seed: 1 };

/** Mean 75 KB. */
const LARGE = { medianBytes: 30_000, sigma: 1.354, maxBytes: 50_000_000, seed: 2 };

/** A handful of files that no batch of lanes has room for; by this seed no mailbox gets more than three of them. */
const HUGE = { medianBytes: 150_000_000, sigma: 0.2, maxBytes: 300_000_000, seed: 13 };

export const QUICK_TREES: readonly TreePlan[] = [{ name: "small", messages: 20_000, mailboxes: 200, ...SMALL }];

export const FULL_TREES: readonly TreePlan[] = [
  { name: "small", messages: 200_000, mailboxes: 2000, ...SMALL },
  { name: "large", messages: 30_000, mailboxes: 300, ...LARGE },
  { name: "huge", messages: 8, mailboxes: 4, ...HUGE },
];

/** A mailbox of a generated tree: an inbox, or a folder of the same user. */
export interface PlannedMailbox {
  readonly userId: string;
  /** Internal name: `user.auser00.Sent`. */
  readonly name: string;
  /** Below the partition, `hashimapspool` layout: `a/user/auser00/Sent`. */
  readonly directory: string;
  readonly uniqueId: string;
  readonly uidValidity: number;
}

const FOLDERS: readonly (string | null)[] = [null, "Sent", "Drafts", "Archive", "Projects", "Trash"];
const ID_LETTERS = "0123456789abcdefghijklmnopqrstuvwxyz";
/** 2020-09-13; every uidvalidity counts up from here, as if the mailboxes had been made one a second. */
const FIRST_UIDVALIDITY = 1_600_000_000;

/** The mailboxes of a tree, six to a user, in no particular order. */
export function planMailboxes(plan: TreePlan, random: Random): PlannedMailbox[] {
  return Array.from({ length: plan.mailboxes }, (_, i) => {
    const userNumber = Math.floor(i / FOLDERS.length);
    const letter = String.fromCharCode(97 + (userNumber % 26));
    const userId = `${letter}user${String(userNumber).padStart(5, "0")}`;
    const folder = FOLDERS[i % FOLDERS.length] ?? null;
    return {
      userId,
      name: folder === null ? `user.${userId}` : `user.${userId}.${folder}`,
      directory: folder === null ? `${letter}/user/${userId}` : `${letter}/user/${userId}/${folder}`,
      // 24 characters, the shape that Cyrus makes when built without libuuid, as Debian's is.
      uniqueId: Array.from({ length: 24 }, () => ID_LETTERS[random.integer(0, 35)]).join(""),
      uidValidity: FIRST_UIDVALIDITY + i,
    };
  });
}

/**
 * Deals messages to mailboxes: for each message, in the order of delivery, the number of its mailbox. Some mailboxes
 * get far more than others, and consecutive messages go to different ones, so that the inodes of a directory are
 * scattered as they are in a spool that has grown over years.
 */
export function dealMessages(plan: TreePlan, random: Random): Uint32Array {
  const upTo = new Float64Array(plan.mailboxes);
  let total = 0;
  for (let i = 0; i < plan.mailboxes; i++) {
    total += Math.exp(1.2 * random.normal());
    upTo[i] = total;
  }
  return Uint32Array.from({ length: plan.messages }, () => {
    const point = random.uniform() * total;
    let low = 0;
    let high = plan.mailboxes - 1;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((upTo[middle] ?? 0) < point) low = middle + 1;
      else high = middle;
    }
    return low;
  });
}

/** The size of the next message. */
export function drawSize(plan: TreePlan, random: Random): number {
  const size = Math.round(plan.medianBytes * Math.exp(plan.sigma * random.normal()));
  return Math.min(plan.maxBytes, Math.max(400, size));
}
