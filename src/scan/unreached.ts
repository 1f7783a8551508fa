import type { MailboxReading } from "../mail/mailbox.ts";
import type { MailboxRef } from "../store/mail-store.ts";
import { readingWithout } from "./reading.ts";

/**
 * Readings of the mailboxes that a stopped scan did not come to, which say just that.
 *
 * @param refs all that were to be read
 * @param isThere whether the mailbox has been handed over; by its uniqueid alone where no other has that, since it may
 *   have been renamed
 */
export function* unreached(
  refs: readonly MailboxRef[],
  isThere: (mailbox: Pick<MailboxRef, "name" | "uniqueId">) => boolean,
): Generator<MailboxReading> {
  const byId = new Map<string, number>();
  for (const { uniqueId } of refs) if (uniqueId !== null) byId.set(uniqueId, (byId.get(uniqueId) ?? 0) + 1);
  for (const ref of refs) {
    const uniqueId = ref.uniqueId !== null && byId.get(ref.uniqueId) === 1 ? ref.uniqueId : null;
    if (!isThere({ name: ref.name, uniqueId })) {
      yield readingWithout({ ref, listed: true }, "not-checked", "the scan was stopped before it");
    }
  }
}
