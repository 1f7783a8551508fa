/**
 * The truth table of one message on two hosts (design §3.3), written down by hand: what each side holds, and what is to be
 * said where the newer of the two facts is old, where it came between the two readings, and where the same is so but the
 * primary is proved (`--after`) to have been read last.
 *
 * | word | what a side holds |
 * |---|---|
 * | `live`, `live*` | the message; with other flags and a modseq above all that the partner has reached |
 * | `live~` | the message with other flags, at a modseq that both have reached |
 * | `other`, `other*` | another message (GUID) under the same UID |
 * | `expunged`, `expunged*` | its record, expunged; above all that the partner has reached |
 * | `purged`, `purged*` | no record of it: repacked, at a deletedmodseq that the partner has reached, or above |
 * | `new`, `none` | a UID that only one side has given out |
 */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { judgeMessage, type MailboxPosition } from "../../../src/compare/judge/message.ts";
import type { ExpungedMessage, Message } from "../../../src/mail/message.ts";
import { expunged, guid, message, NOON, PROVED, position, positions, SETTINGS } from "../records.ts";

const TABLE = `
primary   | replica   | long before both         | between the two          | between, but --after     | rule
live      | live      | -                        | -                        | -                        | -
live*     | live      | flags: lag replica       | flags: race replica      | flags: race replica      | state-ahead
live      | live*     | flags: diverged replica  | flags: race primary      | flags: diverged replica  | replica-ahead
live~     | live      | flags: diverged replica  | flags: diverged replica  | flags: diverged replica  | both-reached
live      | live~     | flags: diverged replica  | flags: diverged replica  | flags: diverged replica  | both-reached
other     | live      | guid: diverged replica   | guid: diverged replica   | guid: diverged replica   | guid-conflict
other*    | live      | guid: diverged replica   | guid: diverged replica   | guid: diverged replica   | guid-conflict
live      | other*    | guid: diverged replica   | guid: diverged replica   | guid: diverged replica   | guid-conflict
new       | none      | exists: lag replica      | exists: race replica     | exists: race replica     | uid-above-last
none      | new       | exists: diverged primary | exists: race primary     | exists: diverged primary | replica-ahead
live      | expunged  | exists: diverged replica | exists: diverged replica | exists: diverged replica | expunge-not-followed
live*     | expunged  | exists: diverged replica | exists: diverged replica | exists: diverged replica | expunge-not-followed
live      | expunged* | exists: diverged replica | exists: race primary     | exists: diverged replica | replica-ahead
expunged  | live      | exists: diverged primary | exists: diverged primary | exists: diverged primary | expunge-not-followed
expunged  | live*     | exists: diverged primary | exists: diverged primary | exists: diverged primary | expunge-not-followed
expunged* | live      | exists: lag replica      | exists: race replica     | exists: race replica     | expunge-ahead
live      | purged    | exists: diverged replica | exists: diverged replica | exists: diverged replica | uid-lost
live*     | purged    | exists: diverged replica | exists: diverged replica | exists: diverged replica | uid-lost
live      | purged*   | exists: diverged replica | exists: race primary     | exists: diverged replica | replica-ahead
purged    | live      | exists: diverged primary | exists: diverged primary | exists: diverged primary | uid-lost
purged    | live*     | exists: diverged primary | exists: diverged primary | exists: diverged primary | uid-lost
purged*   | live      | exists: lag replica      | exists: race replica     | exists: race replica     | expunge-ahead
expunged  | expunged  | -                        | -                        | -                        | -
expunged* | expunged  | -                        | -                        | -                        | -
expunged  | expunged* | -                        | -                        | -                        | -
purged*   | expunged  | -                        | -                        | -                        | -
expunged  | purged*   | -                        | -                        | -                        | -
`;

const LONG_BEFORE = NOON - 7200;

/** What one side holds, and where its mailbox stands. */
interface Holding {
  readonly live: Message | null;
  readonly expunged: ExpungedMessage | null;
  readonly position: MailboxPosition;
}

function holding(word: string, uid: number, factSeconds: number): Holding {
  const isNewer = word.endsWith("*") || word === "new";
  const at = isNewer ? { modseq: 60n, lastUpdated: factSeconds } : { modseq: 40n, lastUpdated: LONG_BEFORE };
  const own = position({ ...(isNewer ? { highestModseq: 60n } : {}), ...(word === "new" ? { lastUid: uid } : {}) });
  const live = (over: Partial<Message> = {}) => ({
    live: message({ uid, ...at, ...over }),
    expunged: null,
    position: own,
  });
  switch (word.replace("*", "")) {
    case "live":
      return live(isNewer ? { flags: "\\seen" } : {});
    case "live~":
      return live({ flags: "\\flagged" });
    case "other":
      return live({ guid: guid(9) });
    case "new":
      return live();
    case "expunged":
      return { live: null, expunged: expunged({ uid, ...at }), position: own };
    case "purged": {
      const repacked = { deletedModseq: at.modseq, lastRepackTime: at.lastUpdated };
      return { live: null, expunged: null, position: { ...own, ...repacked } };
    }
    case "none":
      return { live: null, expunged: null, position: own };
    default:
      throw new RangeError(`The table has no word "${word}"`);
  }
}

const CLASS_WORDS: Readonly<Record<string, string>> = {
  "flags-differ": "flags",
  "message-conflict": "guid",
  "message-missing": "exists",
};

/** Which readings the fact lies between is given by who has it: nobody can hold what came after his reading. */
function verdict(words: readonly [string, string], when: "before" | "between", proved: boolean): string[] {
  const uid = words.includes("new") ? 11 : 5;
  const factSeconds = when === "before" ? LONG_BEFORE : NOON;
  const [primary, replica] = words.map((word) => holding(word, uid, factSeconds)) as [Holding, Holding];
  const replicaIsNewer = words[1].endsWith("*") || words[1] === "new";
  const times = {
    primaryMs: (NOON + (replicaIsNewer ? -60 : 60)) * 1000,
    replicaMs: (NOON + (replicaIsNewer ? 60 : -60)) * 1000,
  };
  const pair = {
    ...{ uid, primary: primary.live, replica: replica.live },
    ...{ primaryExpunged: primary.expunged, replicaExpunged: replica.expunged },
  };
  const mailbox = positions({ primary: primary.position, replica: replica.position, times });
  const [judgement, ...more] = judgeMessage(pair, mailbox, proved ? PROVED : SETTINGS);
  assert.deepEqual(more, []);
  if (judgement === undefined) return ["-", "-"];
  const { class: name, state, cause, side, rule } = judgement;
  return [`${CLASS_WORDS[name]}: ${cause ?? state} ${side}`, rule];
}

describe("judgeMessage() says of one message", () => {
  const rows = TABLE.trim().split("\n").slice(1);
  for (const row of rows) {
    const [primary = "", replica = "", before, between, after, rule] = row.split("|").map((cell) => cell.trim());
    it(`${primary} on the primary, ${replica} on the replica: ${before}, ${between}, ${after}`, () => {
      const words = [primary, replica] as const;
      assert.deepEqual(verdict(words, "before", false), [before, rule]);
      assert.deepEqual(verdict(words, "between", false), [between, rule]);
      assert.deepEqual(verdict(words, "between", true), [after, rule]);
    });
  }
});
