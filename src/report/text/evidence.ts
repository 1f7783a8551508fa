import { SIDES, type Side } from "../../compare/classes.ts";
import type { Evidence, Variance } from "../../compare/variance.ts";
import { terminalText } from "../escape.ts";
import { cut, displayWidth, pad } from "../width.ts";
import type { Hosts } from "./hosts.ts";
import { proseLines, writeField } from "./item.ts";
import type { Page } from "./page.ts";

/** A digest is recognised by its first digits; all of them are in the other formats. */
const DIGEST = /^[0-9a-f]{32,}$/;
const DIGEST_SHOWN = 13;
const LONGEST_VALUE = 60;

/** What each side has, a line for each; fields that both sides have alike are left out. */
export function writeEvidence(page: Page, variance: Variance, hosts: Hosts): void {
  const present = SIDES.filter((side) => variance[side] !== null);
  const width = Math.max(0, ...present.map((side) => displayWidth(hosts[side])));
  for (const side of present) {
    const shown = telling(variance, side);
    if (shown.length === 0) continue;
    const label = pad(hosts[side], width);
    writeField(page, label, proseLines(label, shown.join(", ")));
  }
}

function telling(variance: Variance, side: Side): string[] {
  const own = variance[side] ?? {};
  const other = variance[side === "primary" ? "replica" : "primary"];
  return Object.entries(own)
    .filter(([field, value]) => {
      // What a file should be is worth seeing beside what it is.
      if (field === "guid" && variance.class === "file-corrupt") return true;
      return other === null || JSON.stringify(other[field]) !== JSON.stringify(value);
    })
    .map(([field, value]) => `${terminalText(field)} ${shortValue(value)}`);
}

function shortValue(value: Evidence[string]): string {
  if (value === null) return "unknown";
  if (typeof value === "boolean") return value ? "yes" : "no";
  if (typeof value === "number") return String(value);
  if (typeof value !== "string") return cut(terminalText(value.join(" ")), LONGEST_VALUE) || "none";
  if (value === "") return "none";
  return cut(terminalText(value), DIGEST.test(value) ? DIGEST_SHOWN : LONGEST_VALUE);
}
