import type { State, VarianceClass } from "../../compare/classes.ts";
import type { Acceptance, Subject, Variance } from "../../compare/variance.ts";
import type { ByteString } from "../../mail/name.ts";
import { terminalName, terminalText } from "../escape.ts";
import { count, counted, duration } from "../figures.ts";
import type { Report } from "../format.ts";
import { cut } from "../width.ts";
import type { CountOf } from "./counts.ts";
import { writeEvidence } from "./evidence.ts";
import { timesSeen } from "./history.ts";
import { type Hosts, place } from "./hosts.ts";
import { BODY, nameLines, proseLines, writeField, writeItem } from "./item.ts";
import type { Page } from "./page.ts";
import { STATE_WORDS } from "./words.ts";

/** Columns of a name that stands among the details of another. */
const LONGEST_DETAIL = 150;

/** Sentences that were printed last: a sentence is not said again below the next finding. */
interface Said {
  explain: string | null;
  repair: string | null;
}

/** The name of the group of what was accepted, whatever it is. */
const ACCEPTED = "accepted";

/**
 * The findings by state and class, `limit` of each; the heading of a group has the exact number. Those that were
 * accepted are the last group.
 */
export function beginFindings(
  page: Page,
  { countOf, accepted }: { readonly countOf: CountOf; readonly accepted: number },
  hosts: Hosts,
  limit: number,
): Report {
  let group = "";
  let shown = 0;
  let left = 0;
  const said: Said = { explain: null, repair: null };
  const endGroup = (): void => {
    if (left > 0) page.line(page.style.faint(`  and ${count(left)} more`));
  };
  return {
    finding(variance) {
      const next = variance.accepted === undefined ? `${variance.state} ${variance.class}` : ACCEPTED;
      if (next !== group) {
        endGroup();
        [group, shown, left] = [next, 0, 0];
        said.explain = said.repair = null;
        if (next === ACCEPTED) writeAcceptedGroup(page, accepted);
        else writeGroup(page, variance.state, variance.class, countOf);
      }
      if (shown < limit) {
        if (variance.accepted === undefined) writeFinding(page, variance, hosts, said);
        else writeAccepted(page, variance, variance.accepted, hosts);
        shown++;
      } else left++;
    },
    end: endGroup,
  };
}

function writeGroup(page: Page, state: State, name: VarianceClass, countOf: CountOf): void {
  page.blank();
  const title = page.style.state(state, STATE_WORDS[state]);
  page.line(`${title}  ${page.style.strong(name)}  ${counted(countOf(state, name), "finding")}`);
}

function writeAcceptedGroup(page: Page, accepted: number): void {
  page.blank();
  page.line(`${page.style.strong("accepted")}  ${counted(accepted, "finding")}, in no total and no verdict`);
}

/** What it is, and who said that it may be so. */
function writeAccepted(page: Page, variance: Variance, accepted: Acceptance, hosts: Hosts): void {
  const [name, details] = describe(variance.subject, hosts);
  const what = `${STATE_WORDS[variance.state]} ${variance.class}`;
  writeItem(page, name, [what, ...details, ...circumstances(variance, hosts)]);
  page.prose(terminalText(variance.explain), BODY);
  const until = `until ${accepted.expires}: ${accepted.reason}`;
  writeField(page, "accepted", proseLines("accepted", terminalText(until)));
}

function writeFinding(page: Page, variance: Variance, hosts: Hosts, said: Said): void {
  const { subject } = variance;
  const [name, details] = describe(subject, hosts);
  writeItem(page, name, [...details, ...circumstances(variance, hosts)]);
  if (variance.explain !== said.explain) page.prose(terminalText(variance.explain), BODY);
  if (subject.path !== undefined && subject.mailbox !== null) {
    writeField(page, "path", nameLines("path", terminalName(subject.path)));
  }
  writeEvidence(page, variance, hosts);
  if (variance.repair !== null && variance.repair !== said.repair) {
    writeField(page, "repair", proseLines("repair", terminalText(variance.repair)));
  }
  said.explain = variance.explain;
  said.repair = variance.repair;
}

/** What a finding is about: the name that its line begins with, and what follows it. */
function describe(subject: Subject, hosts: Hosts): [string, string[]] {
  const details: string[] = [];
  const { mailbox, otherMailbox, uid, item, owner, key, path } = subject;
  if (uid !== undefined) details.push(`uid ${uid}`);
  if (item !== undefined) details.push(terminalText(item));
  if (otherMailbox !== undefined) details.push(`${short(otherMailbox)} on ${hosts.replica}`);
  if (key !== undefined) details.push(short(key));
  if (mailbox !== null && owner !== undefined) details.push(`of ${short(owner)}`);
  const name = mailbox ?? path ?? owner;
  return [name === undefined ? "(no mailbox)" : terminalName(name), details];
}

function short(name: ByteString): string {
  return cut(terminalName(name), LONGEST_DETAIL);
}

function circumstances(variance: Variance, hosts: Hosts): string[] {
  const details: string[] = [];
  if (variance.messages !== undefined) details.push(counted(variance.messages, "message"));
  const where = place(variance.side, hosts);
  const age = variance.ageSeconds === undefined ? "" : ` by ${duration(variance.ageSeconds)}`;
  if (where !== null)
    details.push(variance.cause === "lag" && variance.side !== "unknown" ? `${where} behind${age}` : where);
  if (variance.cause === "race") details.push("between the scans");
  details.push(...timesSeen(variance));
  for (const [name, number] of Object.entries(variance.absorbed ?? {})) details.push(`covers ${count(number)} ${name}`);
  details.push(`rule ${terminalText(variance.rule)}`);
  return details;
}
