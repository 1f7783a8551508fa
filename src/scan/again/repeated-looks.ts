import type { Elsewhere } from "./second-looks.ts";

/** Waits before a mailbox that is still not where the newest list has it is looked for again. */
const PATIENCE_MS = [500, 1500];
/** The same where its directory is there and holds another one, or one half made: deleted and made again, and again. */
const REMADE_PATIENCE_MS = [500, 1000, 1500];
/** Looks at one that was another mailbox at each of them: someone makes it anew faster than it can be read. */
const MOST_LOOKS = 20;

/**
 * Counts in how many looks a mailbox was not where the list had it. A list is read before each look, so one that was
 * missing twice was named by a list read after the first: it had not just been deleted. One that is deleted and made
 * again meanwhile is another mailbox each time, and says nothing of the one before.
 */
export class RepeatedLooks {
  readonly #looks = new Map<string, number>();
  #tries = 0;

  /** @param first what was not found by the scan's first list */
  constructor(first: readonly Elsewhere[]) {
    this.#count(first);
  }

  /** Milliseconds to wait before the next round of looks. */
  get waitMs(): number {
    return [...PATIENCE_MS, ...REMADE_PATIENCE_MS][this.#tries - 1] ?? 1000;
  }

  /** Takes what one more round of looks did not find. */
  add(entries: readonly Elsewhere[]): void {
    this.#count(entries);
    this.#tries++;
  }

  /**
   * What is to be said of one that the last round did not find. `stands`: several lists had it there, and it is not.
   * `remade`: each look met another mailbox of that name, until the looks were used up.
   */
  verdictOn(entry: Elsewhere): "look-again" | "stands" | "remade" {
    const enough = entry.outcome.status === "directory-missing" ? PATIENCE_MS : [...PATIENCE_MS, ...REMADE_PATIENCE_MS];
    if (this.#tries > enough.length && (this.#looks.get(keyOf(entry)) ?? 0) > 1) return "stands";
    return this.#tries < MOST_LOOKS ? "look-again" : "remade";
  }

  #count(entries: readonly Elsewhere[]): void {
    for (const entry of entries) this.#looks.set(keyOf(entry), (this.#looks.get(keyOf(entry)) ?? 0) + 1);
  }
}

function keyOf({ item: { ref } }: Elsewhere): string {
  return `${ref.uniqueId ?? ""}\0${ref.indexFile}`;
}
