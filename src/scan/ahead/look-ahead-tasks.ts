/** What worker threads do when a scan looks ahead. */
import type { MailboxRef } from "../../store/mail-store.ts";
import { isAscii } from "../files/sound-pass.ts";
import { type MailboxDirectory, openMailboxDirectory } from "../mailbox-directory.ts";
import type { ScanTools } from "../scan-mailbox.ts";
import type { RangeFiles, RangeTask } from "./ahead-task.ts";
import { directoriesOf } from "./directories.ts";
import { RangeLook } from "./range-look.ts";

/** Reads the files of a range. Never throws for what is on disk: what cannot be looked at is left out. */
export function lookAtRange(
  { reader, files }: Pick<ScanTools, "reader" | "files">,
  { ref, directories, range, settledMs }: Omit<RangeTask, "settings">,
): RangeFiles | null {
  const { sound } = files;
  if (sound === null) return null;
  const open = ref.messageDirectories.map((_, which) => openForLook(ref, which));
  try {
    if (directoriesOf(ref) !== directories) return null;
    const paths = open.map((directory) => directory?.path ?? null);
    const look = new RangeLook({ files, sound, reader, settledMs }, paths, range);
    look.run();
    const unchanged = open.every((directory) => directory === null || directory.isUnchanged());
    return unchanged ? look.found : look.nothing;
  } finally {
    for (const directory of open) directory?.close();
  }
}

/** Null where it is not as it should be; who reads the mailbox will find and say it. */
function openForLook(ref: MailboxRef, which: number): MailboxDirectory | null {
  const path = ref.messageDirectories[which];
  const root = ref.messageRoots[which];
  if (path === undefined || root === undefined || !isAscii(path)) return null;
  const opening = openMailboxDirectory(path, root);
  return opening.status === "open" ? opening.directory : null;
}
