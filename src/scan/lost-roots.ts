import type { ReadProblem } from "../mail/mailbox.ts";
import type { ByteString } from "../mail/name.ts";
import type { MailboxRef, PartitionRoot } from "../store/mail-store.ts";
import { describeRoot, isBelow, lookAtRoot, type RootState } from "./partition-root.ts";

/** Partition roots with nothing in them that can be read; each is reported once, whatever was to be read there. */
export class LostRoots {
  readonly #roots: readonly PartitionRoot[];
  readonly #lost = new Map<ByteString, RootState>();
  readonly #lostArchives = new Map<ByteString, RootState>();
  readonly #reported = new Set<ByteString>();

  constructor(roots: readonly PartitionRoot[]) {
    this.#roots = roots;
  }

  /** Looks at every root, again too: what was mounted when the scan began may be gone by now. */
  check(): void {
    for (const { kind, directory } of this.#roots) {
      // An archive is missed only by mailboxes with archived messages: see `root-lost`.
      if (kind === "archive") continue;
      const state = lookAtRoot(directory);
      if (state.status !== "used") this.#lost.set(directory, state);
    }
  }

  /** An archive root that a worker has found to hold nothing. Mailboxes that need it not are read all the same. */
  addArchive(root: ByteString, state: RootState): void {
    this.#lostArchives.set(root, state);
  }

  /** Roots that can be walked. */
  usable(): PartitionRoot[] {
    return this.#roots.filter(({ directory }) => !this.#lost.has(directory));
  }

  /** The lost root that a mailbox has files below, or null. The innermost root decides. */
  lostFor(ref: MailboxRef): ByteString | null {
    if (this.#lost.size === 0) return null;
    for (const path of [ref.indexFile, ref.headerFile, ...ref.messageDirectories]) {
      const root = this.#rootOf(path);
      if (root !== null && this.#lost.has(root)) return root;
    }
    return null;
  }

  /** The problem to report because a mailbox needs `root`: once for each root, then null. */
  problemFor(root: ByteString): ReadProblem | null {
    const state = this.stateOf(root);
    if (state.status === "used" || this.#reported.has(root)) return null;
    this.#reported.add(root);
    const errno = state.status === "refused" ? state.errno : null;
    return { what: "partition", path: root, uid: null, errno, found: describeRoot(state) };
  }

  /** Problems of roots that no mailbox of the list needs, but in which others might lie unseen. */
  unwalkable(): ReadProblem[] {
    const problems: ReadProblem[] = [];
    for (const [root, state] of this.#lost) {
      const problem = state.status === "refused" && state.errno !== "ENOENT" ? this.problemFor(root) : null;
      if (problem !== null) problems.push(problem);
    }
    return problems;
  }

  /** Problems of all roots that are lost, where no list says whether any mailbox needs them. */
  lost(): ReadProblem[] {
    return [...this.#lost.keys()].map((root) => this.problemFor(root)).filter((problem) => problem !== null);
  }

  /** What was found at `root`. */
  stateOf(root: ByteString): RootState {
    return this.#lost.get(root) ?? this.#lostArchives.get(root) ?? { status: "used" };
  }

  #rootOf(path: ByteString): ByteString | null {
    let innermost: ByteString | null = null;
    for (const { directory } of this.#roots) {
      if (isBelow(path, directory) && directory.length > (innermost?.length ?? 0)) innermost = directory;
    }
    return innermost;
  }
}
