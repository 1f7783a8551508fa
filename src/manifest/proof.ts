import { digestOf, type Value } from "../mail/canonical-digest.ts";

/**
 * The digest over all that the reading of one mailbox left in an unfinished manifest, but its message rows, which have
 * digests of their own: so that rows which a power cut has lost or mixed up are never gone on with.
 */
export class Proof {
  #digest: Buffer | null = null;

  /** Adds a row of one of the small tables. Tables come in their order, rows in the order they were inserted. */
  add(table: string, row: readonly Value[]): void {
    this.#digest = digestOf(table, [this.#digest, ...row]);
  }

  /**
   * @param done the mailbox's row of `done` without the proof
   * @param digests those of its row of `mailbox`
   */
  finish(done: readonly Value[], digests: readonly Value[]): Buffer {
    return digestOf("proof", [this.#digest, ...done, ...digests]);
  }
}
