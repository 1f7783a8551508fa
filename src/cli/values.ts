/** Values of options, parsed. Each throws {@link UsageError} naming the option and what was given. */
import { Option } from "commander";
import { UsageError } from "../errors.ts";

const SECONDS = { s: 1, m: 60, h: 3600, d: 86_400 } as const;

/** `15m`, `12h`, `5s`, `2d`, or a bare number of seconds. Returns seconds. */
export function duration(option: string): (text: string) => number {
  return (text) => {
    const match = /^(\d{1,9})([smhd]?)$/.exec(text);
    if (match === null) {
      throw new UsageError(`Cannot use ${option} "${text}": it is no duration`, "Give it as 90s, 15m, 12h or 2d");
    }
    const unit = (match[2] || "s") as keyof typeof SECONDS;
    return Number(match[1]) * SECONDS[unit];
  };
}

const BYTES = { "": 1, K: 1e3, M: 1e6, G: 1e9 } as const;
/** Below it a single message could take an hour. */
const LEAST_RATE = 10_000;

/** `10G`, `500M`, `1.5T` or a bare number of bytes; null for anything else. K is 1000. */
export function byteCount(text: string): number | null {
  const match = /^(\d{1,15}(?:\.\d{1,3})?)([KMGT]?)B?$/i.exec(text);
  if (match === null) return null;
  const power = ["", "K", "M", "G", "T"].indexOf((match[2] ?? "").toUpperCase());
  return Math.round(Number(match[1]) * 1000 ** power);
}

/** `50M`, `800K`, `1.5G`, or a bare number of bytes, of a second. Returns bytes. */
export function bytesPerSecond(option: string): (text: string) => number {
  return (text) => {
    const match = /^(\d{1,12}(?:\.\d{1,3})?)([KMG]?)B?$/i.exec(text);
    if (match === null) {
      const hint = "Give bytes per second as 800K, 50M or 1G; K is 1000";
      throw new UsageError(`Cannot use ${option} "${text}": it is no number of bytes`, hint);
    }
    const rate = Math.round(Number(match[1]) * BYTES[(match[2] ?? "").toUpperCase() as keyof typeof BYTES]);
    if (rate < LEAST_RATE) {
      const found = `Cannot use ${option} "${text}": it is less than 10K, ten thousand bytes a second`;
      throw new UsageError(found, "Give 10K or more, or read less with --include");
    }
    return rate;
  };
}

/** A whole number between two bounds. */
export function wholeNumber(option: string, min: number, max: number): (text: string) => number {
  return (text) => {
    const value = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN;
    if (!(value >= min && value <= max)) {
      const found = `Cannot use ${option} "${text}": it is no whole number from ${min} to ${max}`;
      throw new UsageError(found, `Give one from ${min} to ${max}`);
    }
    return value;
  };
}

/** `auto`, or a whole number from 0 to 256. */
export function workers(option: string): (text: string) => number | "auto" {
  const number = wholeNumber(option, 0, 256);
  return (text) => (text === "auto" ? text : number(text));
}

/** An option that may be given several times: an empty list where it is not given, which help describes as `without`. */
export function repeatable(flags: string, description: string, without: string): Option {
  const collect = (value: string, earlier: readonly string[]) => [...earlier, value];
  return new Option(flags, `${description} (repeatable)`).argParser(collect).default([], without);
}
