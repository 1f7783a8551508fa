import { CHECKS, type Check, type CheckResult, STATES, type State, type Verdict } from "../../compare/classes.ts";
import type { Acceptance } from "../../compare/variance.ts";
import { count, counted } from "../figures.ts";

/** States as they are said to people. */
export const STATE_WORDS: Readonly<Record<State, string>> = {
  damaged: "damaged",
  diverged: "diverged",
  "in-flight": "in flight",
  unproven: "unproven",
};

/** Verdicts as the first word of a report: those of the JSON, in capitals. */
export const VERDICT_WORDS: Readonly<Record<Verdict, string>> = {
  damaged: "DAMAGED",
  diverged: "DIVERGED",
  stalled: "STALLED",
  incomplete: "INCOMPLETE",
  lagging: "LAGGING",
  "in-sync": "IN-SYNC",
};

/** Answers of a check. */
export const RESULT_WORDS: Readonly<Record<CheckResult, string>> = {
  same: "same",
  differs: "differs",
  unknown: "unknown",
  "not-checked": "not checked",
};

/** What each check compares. The first five are those of the script that this program answers to, in its order. */
export const CHECK_WORDS: Readonly<Record<Check, string>> = {
  list: "mailbox list",
  status: "messages, unseen, UIDVALIDITY, UIDNEXT",
  uids: "UIDs of every mailbox",
  flags: "flags of every message",
  content: "size and content of every message",
  metadata: "other metadata",
  acl: "access control lists",
  store: "each host's own records",
};

/** How many of {@link CHECKS} are numbered. */
export const NUMBERED_CHECKS = CHECKS.indexOf("content") + 1;

/** `3 damaged, 1 diverged`; states without findings are left out. Empty when there are none at all. */
export function stateCounts(counts: Readonly<Partial<Record<State, number>>>): string {
  const present = STATES.filter((state) => (counts[state] ?? 0) > 0);
  return present.map((state) => `${count(counts[state] ?? 0)} ${STATE_WORDS[state]}`).join(", ");
}

/** Until when and why a finding was accepted. */
export function acceptedWords({ expires, reason }: Acceptance): string {
  return `accepted until ${expires}: ${reason}`;
}

/** What was found, with what was accepted beside it: never gone without a word. */
export function apartFrom(found: string, accepted: number): string {
  if (accepted === 0) return found;
  const apart = `apart from ${counted(accepted, "accepted difference")}`;
  return found === "" ? apart : `${found}, ${apart}`;
}
