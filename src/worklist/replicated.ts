import type { Subject, Variance } from "../compare/variance.ts";
import { type ByteString, compareNames, isDeletedName, ownerOf } from "../mail/name.ts";
import type { WorkHosts } from "./host.ts";
import type { Remedy } from "./remedy.ts";
import { dropIndexSteps, type Steps, undeleteSteps } from "./reset-steps.ts";

/** What sync_client takes in one piece: a user with all that is his, or a mailbox that nobody owns, or a quota root. */
export interface Replicated {
  readonly kind: "user" | "mailbox" | "quota";
  readonly name: ByteString;
  /** Findings that sync_client would bring, by state. */
  inFlight: number;
  diverged: number;
  /** Findings that were accepted, and the others that ask for something to be done to the user as a whole. */
  accepted: number;
  open: number;
  /** The mailbox is gone on the primary. */
  deleted: boolean;
  /** Why the replica is to be made anew instead, and why nothing is to be replicated at all; null where it is not so. */
  reset: string | null;
  hold: string | null;
  /** Messages that only the replica has. */
  onlyOnReplica: number;
  /** Messages whose good file, as far as anybody can tell, only the replica has. */
  goodOnReplica: number;
  /** Lines of `reset.txt` before and after the reset. */
  readonly before: ByteString[];
  readonly after: ByteString[];
  /** Why these cannot be printed; null where they can. */
  refused: string | null;
}

/** Gathers by user what is to be done for him: one dangerous finding decides for all of his. */
export class ReplicatedThings {
  readonly #things = new Map<string, Replicated>();
  readonly #hosts: WorkHosts;

  constructor(hosts: WorkHosts) {
    this.#hosts = hosts;
  }

  add(variance: Variance, remedy: Remedy, onlyOnReplica: number): void {
    const thing = this.#thingOf(variance);
    if (thing === null) return;
    if (variance.accepted !== undefined) thing.accepted++;
    else if (remedy.kind === "sync" || remedy.kind === "reset" || remedy.kind === "hold") thing.open++;
    thing.onlyOnReplica += onlyOnReplica;
    if (mayBeGoodOnReplica(variance)) thing.goodOnReplica++;
    if (remedy.kind === "reset") thing.reset ??= remedy.why;
    if (remedy.obstacle !== undefined) this.#addSteps(thing, remedy.obstacle, variance.subject);
    if (remedy.kind === "hold") thing.hold ??= remedy.why;
    if (remedy.kind !== "sync") return;
    if (variance.state === "in-flight") thing.inFlight++;
    else thing.diverged++;
    if (variance.class === "mailbox-missing" && variance.primary?.present === false) thing.deleted = true;
  }

  /** In order of their names, without those of whom nothing but what was accepted asks for anything. */
  all(): Replicated[] {
    return [...this.#things.values()]
      .filter(({ accepted, open }) => accepted === 0 || open > 0)
      .sort((a, b) => compareNames(a.name, b.name));
  }

  #addSteps(thing: Replicated, obstacle: NonNullable<Remedy["obstacle"]>, { uniqueId, mailbox }: Subject): void {
    if (mailbox === null || uniqueId === null) return;
    const steps = this.#stepsFor(obstacle, uniqueId, mailbox);
    if ("refused" in steps) thing.refused ??= steps.refused;
    else {
      thing.before.push(...steps.before);
      thing.after.push(...steps.after);
    }
  }

  #stepsFor(obstacle: NonNullable<Remedy["obstacle"]>, uniqueId: string, mailbox: ByteString): Steps {
    if (obstacle !== "damaged-index") return undeleteSteps(uniqueId, mailbox, obstacle === "recreated", this.#hosts);
    const damaged = this.#hosts.replica.mailbox(uniqueId, mailbox);
    return damaged === null ? { before: [], after: [] } : dropIndexSteps(damaged, this.#hosts);
  }

  #thingOf({ class: name, subject }: Variance): Replicated | null {
    const { mailbox, owner, key } = subject;
    if (name === "quota-differs" && key !== undefined) {
      const user = ownerOf(key);
      return user === null ? this.#at("quota", key) : this.#at("user", user);
    }
    const isUsers = name === "subscription-differs" || name === "seen-differs" || name === "sieve-differs";
    if (isUsers && owner !== undefined && owner !== "") return this.#at("user", owner);
    // Each host expires its DELETED mailboxes on its own schedule.
    if (mailbox === null || isDeletedName(mailbox)) return null;
    const user = ownerOf(mailbox);
    return user === null ? this.#at("mailbox", mailbox) : this.#at("user", user);
  }

  #at(kind: Replicated["kind"], name: ByteString): Replicated {
    const identity = `${kind} ${name}`;
    const known = this.#things.get(identity);
    if (known !== undefined) return known;
    const counts = { inFlight: 0, diverged: 0, accepted: 0, open: 0, onlyOnReplica: 0, goodOnReplica: 0 };
    const thing: Replicated = {
      kind,
      name,
      ...counts,
      deleted: false,
      reset: null,
      hold: null,
      before: [],
      after: [],
      refused: null,
    };
    this.#things.set(identity, thing);
    return thing;
  }
}

/** True where the primary's file is bad, or may be: to reset the replica then loses the message. */
function mayBeGoodOnReplica({ class: name, side }: Variance): boolean {
  switch (name) {
    case "file-missing":
    case "file-size-differs":
    case "file-corrupt":
    case "file-unreadable":
      return side === "primary";
    case "file-content-differs":
      return side !== "replica";
    default:
      return false;
  }
}
