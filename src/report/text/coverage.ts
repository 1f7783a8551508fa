import type { SideSummary } from "../../compare/variance.ts";
import { terminalText } from "../escape.ts";
import { counted, size } from "../figures.ts";

/** How much of one host's mail a manifest stands for; claims no more than was read. */
export function coverageLines({ coverage }: SideSummary): string[] {
  const all = `${counted(coverage.messages, "message")}, ${size(coverage.bytes)}`;
  if (coverage.level === "index") return [`${all}: no message file was looked at`];
  if (coverage.level === "stat") return [`${all}: files looked at, not read`];
  const read = `${all}: ${size(coverage.bytesReadNow)} read now`;
  if (!/[1-9]/.test(coverage.bytesCarried)) return [read];
  const carried = `${read}, ${size(coverage.bytesCarried)} carried`;
  return coverage.oldestCarried === null
    ? [carried]
    : [carried, `oldest carried: ${terminalText(coverage.oldestCarried)}`];
}

/** When a host was read. */
export function readTimes(side: SideSummary): string {
  return `${terminalText(side.scannedFrom)} to ${terminalText(side.scannedTo)}`;
}
