import { type ByteString, isDeletedName, ownerOf } from "../mail/name.ts";
import type { MailboxFacts } from "../mail/scan-facts.ts";
import type { Draft } from "./explain.ts";
import { isAbsent } from "./explain-words.ts";
import type { LagTally } from "./lag.ts";
import type { ManifestView } from "./manifest-view.ts";
import type { Evidence, Exposure, Subject } from "./variance.ts";

/** Adds up, finding by finding, what the primary alone has: what would be lost with it. Memory grows with users only. */
export class ExposureTally {
  readonly #primary: ManifestView;
  readonly #replicaReadMs: number;
  readonly #users = new Set<ByteString>();
  #messages = 0;
  #bytes = 0n;
  #oldest: number | null = null;
  #betweenScans = 0;
  #exact = true;
  readonly #lag: LagTally;

  /** @param lag is told what of it is for lack of replication */
  constructor(primary: ManifestView, replicaReadMs: number, lag: LagTally) {
    this.#lag = lag;
    this.#primary = primary;
    this.#replicaReadMs = replicaReadMs;
  }

  /** Takes one finding into account, if the primary has something by it that the replica has not. */
  add(draft: Draft): void {
    const { class: name, state, side, subject } = draft;
    if (state === "unproven" || (subject.mailbox !== null && isDeletedName(subject.mailbox))) return;
    switch (name) {
      case "message-missing":
        if (!isAbsent(draft.primary) && isAbsent(draft.replica)) this.#message(draft);
        break;
      case "message-conflict":
        this.#message(draft);
        break;
      case "file-missing":
      case "file-corrupt":
      case "file-size-differs":
        if (side === "replica") this.#message({ ...draft, primary: this.#record(subject) });
        break;
      case "mailbox-missing":
        if (!isAbsent(draft.primary)) this.#mailbox(draft);
        break;
      case "mailbox-directory-missing":
        if (side === "replica") this.#mailbox(draft);
        break;
      case "mailbox-recreated":
      case "uidvalidity-differs":
        this.#unmatched(draft);
        break;
      case "index-corrupt":
      case "mailbox-unreadable":
        // Its files may all be there, or none.
        if (side !== "primary") this.#exact = false;
        break;
    }
  }

  result(): Exposure {
    return {
      messages: this.#messages,
      bytes: this.#bytes.toString(),
      users: this.#users.size,
      oldest: this.#oldest === null ? null : isoOf(this.#oldest),
      betweenScans: this.#betweenScans,
      exact: this.#exact,
    };
  }

  #message(draft: Draft): void {
    const { size, lastUpdated } = draft.primary ?? {};
    if (typeof size !== "number") this.#exact = false;
    const since = typeof lastUpdated === "string" ? Date.parse(lastUpdated) : Number.NaN;
    const bytes = typeof size === "number" ? BigInt(size) : 0n;
    this.#count(draft, 1, bytes, Number.isNaN(since) ? null : since);
  }

  #mailbox(draft: Draft): void {
    const counted = this.#mailboxOf(draft.subject)?.counted ?? null;
    if (counted === null) {
      this.#exact = false;
      return;
    }
    this.#count(
      draft,
      counted.exists,
      counted.quotaUsed,
      draft.ageSeconds === undefined ? null : this.#replicaReadMs - draft.ageSeconds * 1000,
    );
  }

  /** Messages of the primary's mailbox that the replica's has none with the GUID of; their sizes are not added up. */
  #unmatched(draft: Draft): void {
    const count = draft.primary?.withoutPartner;
    if (typeof count !== "number") this.#exact = false;
    else if (count > 0) {
      this.#count(draft, count, 0n, null);
      this.#exact = false;
    }
  }

  #count(draft: Draft, messages: number, bytes: bigint, sinceMs: number | null): void {
    this.#bytes += bytes;
    if (messages === 0) return;
    this.#messages += messages;
    if (draft.cause === "race") this.#betweenScans += messages;
    const owner = draft.subject.mailbox === null ? null : ownerOf(draft.subject.mailbox);
    if (draft.cause === "lag") this.#lag.alone(owner, messages, bytes);
    if (owner !== null) this.#users.add(owner);
    if (sinceMs !== null && (this.#oldest === null || sinceMs < this.#oldest)) this.#oldest = sinceMs;
  }

  /** The primary's own record of a message whose file is bad on the replica. */
  #record(subject: Subject): Evidence | null {
    const mailbox = this.#mailboxOf(subject);
    const message = mailbox === null ? null : this.#primary.message(mailbox.id, subject.uid ?? 0);
    return message === null
      ? null
      : { size: Number(message.sizeBytes), lastUpdated: isoOf(message.lastUpdated * 1000) };
  }

  #mailboxOf({ uniqueId, mailbox }: Subject): MailboxFacts | null {
    const byId = uniqueId === null ? null : this.#primary.listedByUniqueId(uniqueId);
    const id = byId ?? (mailbox === null ? null : this.#primary.listedByName(mailbox));
    return id === null ? null : this.#primary.mailbox(id);
  }
}

function isoOf(ms: number): string | null {
  const date = new Date(ms);
  return Number.isNaN(date.getTime()) ? null : date.toISOString().replace(".000Z", "Z");
}
