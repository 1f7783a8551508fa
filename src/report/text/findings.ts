import type { State, VarianceClass } from "../../compare/classes.ts";
import type { Subject, Variance } from "../../compare/variance.ts";
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

/** The findings by state and class, `limit` of each; the heading of a group has the exact number. */
export function beginFindings(page: Page, countOf: CountOf, hosts: Hosts, limit: number): Report {
  let group = "";
  let shown = 0;
  let left = 0;
  const said: Said = { explain: null, repair: null };
  const endGroup = (): void => {
    if (left > 0) page.line(page.style.faint(`  and ${count(left)} more`));
  };
  return {
    finding(variance) {
      const next = `${variance.state} ${variance.class}`;
      if (next !== group) {
        endGroup();
        [group, shown, left] = [next, 0, 0];
        said.explain = said.repair = null;
        writeGroup(page, variance.state, variance.class, countOf);
      }
      if (shown < limit) {
        writeFinding(page, variance, hosts, said);
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
