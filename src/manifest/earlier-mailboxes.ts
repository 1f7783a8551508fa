import type { ByteString } from "../mail/name.ts";
import type { Database } from "../sqlite/database.ts";
import * as partialSql from "./partial-statements.ts";
import { type DoneMailbox, DoneMailboxes } from "./unfinished.ts";
import type { VerifiedMailbox } from "./verify.ts";

/** Who a mailbox is. */
interface MailboxName {
  readonly name: ByteString;
  readonly uniqueId: string | null;
}

/** What a mailbox that is kept adds to the scan. */
export interface KeptMailbox {
  readonly messages: number;
  readonly messageBytes: bigint;
  readonly bytesRead: bigint;
  readonly filesRead: number;
  readonly problems: number;
}

/** Tells a run of a scan what earlier runs have done, and takes out what does not stand any more. */
export class EarlierMailboxes {
  readonly #db: Database;
  readonly #done: DoneMailboxes;
  readonly #keep: (mailbox: MailboxName, done: DoneMailbox, verified: VerifiedMailbox) => void;
  readonly #commit: () => void;
  readonly #kept = new Set<number>();

  /**
   * @param keep told of each mailbox that is kept
   * @param commit called when all others are gone
   */
  constructor(
    db: Database,
    path: string,
    keep: (mailbox: MailboxName, done: DoneMailbox, verified: VerifiedMailbox) => void,
    commit: () => void,
  ) {
    this.#db = db;
    this.#done = new DoneMailboxes(db, path);
    this.#keep = keep;
    this.#commit = commit;
  }

  /**
   * Keeps a mailbox of which an earlier run has written all, if its files have not changed since and its rows are still
   * what was written.
   *
   * @param trace of its files as they are now
   * @returns null where it is to be read
   */
  keep(mailbox: MailboxName, trace: Uint8Array): KeptMailbox | null {
    const done = this.#done.find(mailbox.name, mailbox.uniqueId);
    if (done === null || done.trace === null || this.#kept.has(done.id)) return null;
    if (Buffer.compare(done.trace, trace) !== 0) return null;
    const verified = this.#done.verify(done);
    if (verified === null) return null;
    this.#kept.add(done.id);
    this.#keep(mailbox, done, verified);
    const { bytesRead, filesRead, problems } = done;
    return { messages: verified.messages, messageBytes: verified.bytes, bytesRead, filesRead, problems };
  }

  /** Takes out every mailbox that was not kept. */
  forgetOthers(): void {
    const drop = this.#db.prepare(partialSql.DELETE_DONE);
    const ids = this.#db.prepare(partialSql.SELECT_DONE_IDS).pluck().all() as number[];
    for (const id of ids) if (!this.#kept.has(id)) drop.run(id);
    this.#db.exec(partialSql.FORGET_UNDONE);
    this.#commit();
  }
}
