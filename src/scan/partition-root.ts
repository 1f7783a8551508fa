import { opendirSync } from "node:fs";
import { errnoOf } from "../errors.ts";
import type { ByteString } from "../mail/name.ts";

/** Names at a partition root that are there without any mailbox: staging directories, and what mkfs makes. */
export const NO_MAILBOXES_BELOW: readonly string[] = ["stage.", "sync.", "lost+found"];

/** What is at a partition root. */
export type RootState =
  | { readonly status: "used" }
  | { readonly status: "empty" }
  | { readonly status: "refused"; readonly errno: string };

/**
 * Looks whether a partition root is a directory with something in it. An empty one is what is left when its file system
 * is not mounted.
 */
export function lookAtRoot(root: ByteString): RootState {
  try {
    const directory = opendirSync(Buffer.from(root, "latin1"), { encoding: "latin1" });
    try {
      for (let entry = directory.readSync(); entry !== null; entry = directory.readSync()) {
        if (!NO_MAILBOXES_BELOW.includes(entry.name)) return { status: "used" };
      }
      return { status: "empty" };
    } finally {
      directory.closeSync();
    }
  } catch (error) {
    const errno = errnoOf(error);
    if (errno === null) throw error;
    return { status: "refused", errno };
  }
}

/** A root's state in words, for a problem. */
export function describeRoot(state: RootState): string {
  switch (state.status) {
    case "used":
      return "it is in use";
    case "empty":
      return "it is empty, but mailboxes should be there; its file system may not be mounted";
    case "refused":
      return state.errno === "ENOENT" ? "it does not exist" : `it cannot be read (${state.errno})`;
  }
}

/** True if `path` lies below the directory `root`, by its text alone. */
export function isBelow(path: ByteString, root: ByteString): boolean {
  const prefix = root.endsWith("/") ? root : `${root}/`;
  return path.startsWith(prefix);
}
