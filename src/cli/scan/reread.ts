/** `--reread`: how much of a base is read again. */
import { UsageError } from "../../errors.ts";
import type { Reread } from "../../mail/known-files.ts";
import { byteCount } from "../values.ts";

/** What is read again of a base if nothing is said: all of it once in a month of daily scans. */
export const DEFAULT_REREAD: Reread = { kind: "share", parts: 30 };

/** `1/30`, `10G`, `all` or `none`. */
export function reread(option: string): (text: string) => Reread {
  return (text) => {
    if (text === "all" || text === "none") return { kind: text };
    const share = /^1\/(\d{1,6})$/.exec(text);
    const parts = Number(share?.[1] ?? 0);
    if (parts >= 1) return { kind: "share", parts };
    const bytes = byteCount(text);
    if (bytes === null) {
      const hint = "Give a share as 1/30, a size as 500M or 10G, all or none";
      throw new UsageError(`Cannot use ${option} "${text}": it says no amount`, hint);
    }
    return { kind: "bytes", bytes };
  };
}
