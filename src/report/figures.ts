import prettyBytes from "pretty-bytes";
import { terminalText } from "./escape.ts";

/** A number with its thousands grouped: `61,204,118`. */
export function count(value: number): string {
  // Nearly all are whole, and Intl takes 10 ms to load.
  if (!Number.isSafeInteger(value)) return value.toLocaleString("en-US");
  return String(value).replace(/\B(?=(?:\d{3})+$)/g, ",");
}

/** `1 mailbox`, `2 mailboxes`. */
export function counted(value: number, one: string, many = `${one}s`): string {
  return `${count(value)} ${value === 1 ? one : many}`;
}

/** Bytes in decimal text, as sizes are kept in manifests, for people: `4.13 TB`. What is no number is shown as it is. */
export function size(bytes: string | number | bigint): string {
  if (typeof bytes !== "string") return prettyBytes(typeof bytes === "number" ? Math.round(bytes) : bytes);
  return /^\d{1,30}$/.test(bytes) ? prettyBytes(BigInt(bytes)) : terminalText(bytes);
}

/** A share in per cent. Never `0 %` of something, never `100 %` of less than all. */
export function percent(part: number, whole: number): string {
  if (part <= 0 || whole <= 0) return "0 %";
  if (part >= whole) return "100 %";
  const value = (100 * part) / whole;
  if (value < 0.0001) return "less than 0.0001 %";
  if (value > 99.99) return "more than 99.99 %";
  return `${value.toFixed(value < 0.1 ? 4 : 2)} %`;
}

const UNITS: readonly (readonly [number, string])[] = [
  [86_400, "d"],
  [3600, "h"],
  [60, "min"],
  [1, "s"],
];

/** A length of time in its two largest units: `2 d 3 h`, `14 min 53 s`. */
export function duration(seconds: number): string {
  let rest = Math.max(0, Math.round(seconds));
  const parts: string[] = [];
  for (const [unit, name] of UNITS) {
    const amount = Math.floor(rest / unit);
    rest -= amount * unit;
    if (amount > 0) parts.push(`${amount} ${name}`);
    else if (parts.length > 0) break;
    if (parts.length === 2) break;
  }
  return parts.length === 0 ? "0 s" : parts.join(" ");
}
