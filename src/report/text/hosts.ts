import type { Side } from "../../compare/classes.ts";
import type { Variance } from "../../compare/variance.ts";
import { terminalText } from "../escape.ts";
import { cut } from "../width.ts";

/** Short, safe names of the two hosts, which lines of a report begin or end with. */
export type Hosts = Readonly<Record<Side, string>>;

const LONGEST = 28;

/** Names by host; if both are labelled alike, the role tells them apart. */
export function hostsOf(primary: string, replica: string): Hosts {
  const [p, r] = [cut(terminalText(primary), LONGEST), cut(terminalText(replica), LONGEST)];
  return p === r ? { primary: `${p} (primary)`, replica: `${r} (replica)` } : { primary: p, replica: r };
}

/** One manifest alone: whatever side its findings name, it is this host. */
export function singleHost(host: string): Hosts {
  const name = cut(terminalText(host), LONGEST);
  return { primary: name, replica: name };
}

/** Where a finding is, in words; null where there is but one host, or it has no place. */
export function place(side: Variance["side"] | null, hosts: Hosts): string | null {
  if (side === null || hosts.primary === hosts.replica) return null;
  if (side === "both") return "both hosts";
  if (side === "unknown") return "side unknown";
  return hosts[side];
}
