import { CorruptStoreError } from "../../../errors.ts";
import { type ByteString, isSieveMailbox } from "../../../mail/name.ts";
import type { MailboxRef } from "../../mail-store.ts";
import { decodeMailboxHeader } from "../mailbox-header.ts";
import { readMetaFile } from "../meta-file.ts";

const MAX_HEADER_BYTES = 1024 * 1024;
const INBOX = /^(?:[^!]*!)?user\.[^.]+(?=\.)/;

/** The mailboxes of a list by what items call them: uniqueid or name. */
export class Mailboxes {
  readonly byName: ReadonlyMap<ByteString, MailboxRef>;
  readonly #refs: readonly MailboxRef[];
  #byId: ReadonlyMap<string, MailboxRef> | null = null;
  #sieveByInbox: ReadonlyMap<ByteString, MailboxRef> | null = null;

  constructor(refs: readonly MailboxRef[]) {
    this.#refs = refs;
    this.byName = new Map(refs.map((ref) => [ref.name, ref]));
  }

  /** The mailbox of a key, which is its uniqueid or, up to 3.4, its name. */
  of(key: ByteString): MailboxRef | undefined {
    return this.byName.get(key) ?? this.byId.get(key);
  }

  /** Made when it is first asked for: a list of 2.4 or before has no uniqueids, and each header has to be read. */
  get byId(): ReadonlyMap<string, MailboxRef> {
    this.#byId ??= new Map(
      this.#refs.flatMap((ref) => {
        const uniqueId = ref.uniqueId ?? uniqueIdOfHeader(ref);
        return uniqueId === null ? [] : [[uniqueId, ref] as const];
      }),
    );
    return this.#byId;
  }

  /** The mailbox of a user's sieve scripts (3.6 and later), whatever `sieve_folder` calls it. */
  sieveOf(inbox: ByteString): MailboxRef | undefined {
    this.#sieveByInbox ??= new Map(
      this.#refs.flatMap((ref) => {
        const owner = isSieveMailbox(ref.listing.type, ref.name) ? INBOX.exec(ref.name)?.[0] : undefined;
        return owner === undefined ? [] : [[owner, ref] as const];
      }),
    );
    return this.#sieveByInbox.get(inbox);
  }
}

function uniqueIdOfHeader({ headerFile }: MailboxRef): string | null {
  const file = headerFile === "" ? null : readMetaFile(headerFile, MAX_HEADER_BYTES);
  if (file?.status !== "read") return null;
  try {
    return decodeMailboxHeader(file.bytes, headerFile).uniqueId;
  } catch (error) {
    // That it is corrupt is reported when the mailbox itself is read.
    if (error instanceof CorruptStoreError) return null;
    throw error;
  }
}
