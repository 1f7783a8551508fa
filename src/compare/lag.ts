import type { ByteString } from "../mail/name.ts";
import type { LagSummary } from "./variance.ts";

/** What the primary alone has of one user for lack of replication. */
export interface UserLag {
  messages: number;
  bytes: bigint;
  /** Age of the oldest change that the replica lacks, when the replica was read; null: none has an age. */
  oldestSeconds: number | null;
}

/** Ages are told apart by three digits: that bounds how many there are. */
const DIGITS = 3;

/** Adds up, finding by finding, how far a replica is behind. Memory grows with users only. */
export class LagTally {
  /** By owner; the empty name stands for shared mailboxes. */
  readonly users = new Map<ByteString, UserLag>();
  /** How many findings there are of each age. */
  readonly #ages = new Map<number, number>();

  /** Messages of an owner that only the primary has. */
  alone(owner: ByteString | null, messages: number, bytes: bigint): void {
    const user = this.#user(owner);
    user.messages += messages;
    user.bytes += bytes;
  }

  /** A change of an owner that the replica had lacked for so long. */
  aged(owner: ByteString | null, seconds: number): void {
    const user = this.#user(owner);
    user.oldestSeconds = Math.max(user.oldestSeconds ?? 0, seconds);
    const age = Number(seconds.toPrecision(DIGITS));
    this.#ages.set(age, (this.#ages.get(age) ?? 0) + 1);
  }

  /** The age that this share of all changes does not exceed, to three digits; null: no change has an age. */
  quantile(share: number): number | null {
    const ages = [...this.#ages].sort(([a], [b]) => a - b);
    const all = ages.reduce((sum, [, findings]) => sum + findings, 0);
    let below = 0;
    for (const [age, findings] of ages) {
      below += findings;
      if (below >= share * all) return age;
    }
    return null;
  }

  /** The whole pair's. */
  result(): LagSummary {
    const users = [...this.users.values()];
    const ages = users.flatMap(({ oldestSeconds }) => (oldestSeconds === null ? [] : [oldestSeconds]));
    return {
      messages: users.reduce((sum, { messages }) => sum + messages, 0),
      bytes: users.reduce((sum, { bytes }) => sum + bytes, 0n).toString(),
      seconds: ages.reduce<number | null>((oldest, age) => Math.max(oldest ?? 0, age), null),
      median: this.quantile(0.5),
      p95: this.quantile(0.95),
    };
  }

  #user(owner: ByteString | null): UserLag {
    const known = this.users.get(owner ?? "");
    if (known !== undefined) return known;
    const user = { messages: 0, bytes: 0n, oldestSeconds: null };
    this.users.set(owner ?? "", user);
    return user;
  }
}
