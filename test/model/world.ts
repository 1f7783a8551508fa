/** A pair of hosts that live for a while: people change things on the primary, and replication brings them over. */
import type { Random } from "../support/random.ts";
import { type Clock, deletedName, ModelHost, type ModelMailbox, type ModelRecord } from "./host.ts";
import { EVERYTHING, Replication } from "./replication.ts";

/** What kind of pair it is. */
export interface WorldOptions {
  /** How far the clocks of the hosts are apart. */
  readonly replicaOffMs: number;
  readonly modseqsByUser: boolean;
  /** Expunged records may be dropped before replication has come so far. */
  readonly purgesEarly: boolean;
}

/** Every pending creation is brought over before it is this old, if anything is. */
const LONGEST_WAIT_S = 300;

/** The two hosts, and what happens to them. */
export class ModelWorld {
  readonly clock: Clock = { nowMs: 1_700_000_000_000 };
  readonly primary: ModelHost;
  readonly replica: ModelHost;
  readonly users: readonly string[];
  readonly replication: Replication;
  /** uniqueids that nobody touches any more. */
  readonly frozen = new Set<string>();
  readonly #random: Random;
  readonly #options: WorldOptions;
  #count = 0;

  constructor(random: Random, options: WorldOptions) {
    this.#random = random;
    this.#options = options;
    this.primary = new ModelHost(this.clock, 0, options.modseqsByUser);
    this.replica = new ModelHost(this.clock, options.replicaOffMs, options.modseqsByUser);
    this.replication = new Replication(this.primary, this.replica, random, this.frozen);
    this.users = random.chance(0.6) ? ["alice"] : ["alice", "bob"];
    for (const user of this.users) this.#populate(user);
    this.pass();
    this.replication.all();
    this.pass();
  }

  freshId(): string {
    return `id${++this.#count}`;
  }

  /** A name that no mailbox has or had. */
  freshName(user: string): string {
    return `user.${user}.N${++this.#count}`;
  }

  /** Lets time pass: mostly moments, now and then hours. */
  pass(): void {
    const { integer, chance } = this.#random;
    this.clock.nowMs += chance(0.03)
      ? integer(600_000, 20_000_000)
      : chance(0.2)
        ? integer(0, 90_000)
        : integer(0, 2500);
  }

  /** One thing happens. */
  happen(): void {
    const { chance } = this.#random;
    if (chance(0.62)) this.#use();
    else if (chance(0.75)) this.#replicate();
    else this.#tidy();
  }

  #populate(user: string): void {
    const { integer } = this.#random;
    const names = [
      `user.${user}`,
      ...["A", "B", "A.x", "A.y"].slice(0, integer(0, 4)).map((name) => `user.${user}.${name}`),
    ];
    for (const name of names) {
      const mailbox = this.primary.create(this.freshId(), user, name);
      for (let n = integer(0, 4); n > 0; n--) this.primary.append(mailbox, ++this.#count);
      this.clock.nowMs += 1000;
    }
  }

  /** Somebody does something on the primary. */
  #use(): void {
    const { primary } = this;
    const { chance, integer, pick, some } = this.#random;
    const mailboxes = this.#touchable(primary);
    if (mailboxes.length === 0) return;
    const mailbox = pick(mailboxes);
    const live = mailbox.records.filter(({ expunged }) => !expunged);
    const chosen = live.length === 0 ? [] : [pick(live), ...some(live, 0.2)].filter(unique);
    const act = integer(1, 20);
    if (act <= 6 || live.length === 0) for (let n = integer(1, 3); n > 0; n--) primary.append(mailbox, ++this.#count);
    else if (act <= 11) primary.store(mailbox, chosen, { flags: pick(["", "\\seen", "\\flagged", "\\seen work"]) });
    else if (act <= 14) primary.store(mailbox, chosen, { expunged: true });
    else if (act <= 16) this.#create(mailbox.user);
    else if (act === 17) this.#remove(mailbox);
    else if (act === 18) this.#rename(mailbox);
    else if (act === 19)
      primary.setRights(mailbox, chance(0.5) ? "lr" : "lrswi", primary.nextFolderModseq(mailbox.user));
    else this.#remake(mailbox);
  }

  #create(user: string): void {
    const used = (name: string) => this.primary.byName(name) !== undefined;
    const name = `user.${user}.${this.#random.pick(["A", "B", "C", "D", "A.x", "C.x"])}`;
    if (!used(name)) this.primary.append(this.primary.create(this.freshId(), user, name), ++this.#count);
  }

  #remove(mailbox: ModelMailbox): boolean {
    const { primary } = this;
    const name = deletedName(mailbox.name, primary.seconds);
    if (mailbox.name === `user.${mailbox.user}` || primary.byName(name) !== undefined) return false;
    // Cyrus 3.6 deletes a mailbox made moments before under the foldermodseq of its creation.
    const isFresh = mailbox.listMtime === primary.seconds && this.#random.chance(0.5);
    primary.rename(mailbox, name, isFresh ? mailbox.foldermodseq : primary.nextFolderModseq(mailbox.user));
    return true;
  }

  /** Deletes a mailbox and makes another one of its name. */
  #remake(mailbox: ModelMailbox): void {
    const { name, user } = mailbox;
    if (!this.#remove(mailbox)) return;
    if (this.#random.chance(0.5)) this.clock.nowMs += this.#random.integer(0, 3000);
    this.primary.append(this.primary.create(this.freshId(), user, name), ++this.#count);
  }

  /** Renames a mailbox and what is below it. Names that the replica still has for others are not taken: see `faults.ts`. */
  #rename(mailbox: ModelMailbox): void {
    const { primary, replica } = this;
    const { name, user } = mailbox;
    if (name === `user.${user}`) return;
    const to = this.#random.chance(0.5)
      ? this.freshName(user)
      : `user.${user}.${this.#random.pick(["A", "B", "C", "D"])}`;
    const tree = primary.live().filter((other) => other.name === name || other.name.startsWith(`${name}.`));
    const renames = tree.map((other) => ({ other, target: to + other.name.slice(name.length) }));
    const isTaken = ({ other, target }: (typeof renames)[number]) =>
      this.frozen.has(other.uniqueId) ||
      [primary, replica].some((host) => ![undefined, other.uniqueId].includes(host.byName(target)?.uniqueId));
    if (to === name || to.startsWith(`${name}.`) || renames.some(isTaken)) return;
    for (const { other, target } of renames) primary.rename(other, target, primary.nextFolderModseq(user));
  }

  /** Replication takes a step. */
  #replicate(): void {
    const { chance, pick } = this.#random;
    const user = pick(this.users);
    const ids = [...new Set([...this.primary.mailboxes.values(), ...this.replica.mailboxes.values()])]
      .filter((mailbox) => mailbox.user === user)
      .map(({ uniqueId }) => uniqueId);
    // It works off its log in order, so that nothing waits for long while later changes of the same user come over.
    for (const id of ids) if (this.#isOverdue(id)) this.replication.mailbox(id, EVERYTHING);
    if (chance(0.25)) for (const id of ids) this.replication.mailbox(id, EVERYTHING);
    else if (ids.length > 0) {
      const step = pick([EVERYTHING, EVERYTHING, { ...EVERYTHING, part: true }, { ...EVERYTHING, content: false }]);
      this.replication.mailbox(pick(ids), chance(0.15) ? { list: false, content: true, part: false } : step);
    }
  }

  #isOverdue(id: string): boolean {
    const mailbox = this.primary.mailboxes.get(id);
    if (mailbox === undefined || this.replica.mailboxes.has(id)) return false;
    return mailbox.listMtime < this.primary.seconds - LONGEST_WAIT_S;
  }

  /** Each host drops what is expunged and deleted on a schedule of its own. */
  #tidy(): void {
    const { chance, pick } = this.#random;
    const side = pick(["primary", "replica"] as const);
    const [host, other] = side === "primary" ? [this.primary, this.replica] : [this.replica, this.primary];
    for (const mailbox of host.mailboxes.values()) {
      if (this.frozen.has(mailbox.uniqueId) || chance(0.4)) continue;
      const reached = other.mailboxes.get(mailbox.uniqueId)?.highestModseq ?? 0;
      host.repack(mailbox, ({ modseq }) => side === "replica" || this.#options.purgesEarly || modseq <= reached);
    }
    if (chance(0.6)) return;
    for (const mailbox of [...host.mailboxes.values()]) {
      const partner = other.mailboxes.get(mailbox.uniqueId);
      const isKnown = partner === undefined || partner.name.startsWith("DELETED.");
      if (!mailbox.name.startsWith("DELETED.") || this.frozen.has(mailbox.uniqueId)) continue;
      if (isKnown || side === "replica") host.purge(mailbox);
    }
  }

  #touchable(host: ModelHost): ModelMailbox[] {
    return host.live().filter(({ uniqueId }) => !this.frozen.has(uniqueId));
  }
}

function unique(record: ModelRecord, index: number, all: readonly ModelRecord[]): boolean {
  return all.indexOf(record) === index;
}
