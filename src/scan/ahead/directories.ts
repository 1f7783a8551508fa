import { statSync } from "node:fs";
import { errnoOf } from "../../errors.ts";
import type { MailboxRef } from "../../store/mail-store.ts";

/**
 * Which directories the message files of a mailbox lie in, whatever their paths lead to by now: a row says of a file
 * which inode it is, but not on which device.
 */
export function directoriesOf(ref: Pick<MailboxRef, "messageDirectories">): string {
  return ref.messageDirectories.map(identityOf).join(" ");
}

function identityOf(path: string): string {
  try {
    const stat = statSync(Buffer.from(path, "latin1"), { bigint: true, throwIfNoEntry: false });
    return stat === undefined ? "none" : `${stat.dev}:${stat.ino}`;
  } catch (error) {
    // Whatever is wrong with it, who reads the mailbox will find and say it.
    return errnoOf(error) ?? "none";
  }
}
