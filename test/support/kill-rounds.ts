/** Scans that are killed again and again, and go on. */
import { rmSync, statSync } from "node:fs";
import { setTimeout } from "node:timers/promises";
import { ended, startSpooldiff } from "./command-line.ts";

/** What is to be killed, and when. */
export interface KillPlan {
  readonly conf: string;
  /** Manifest to write; what is there of earlier scans is taken away first. */
  readonly output: string;
  readonly kills: number;
  /** Further words of the command. */
  readonly words: readonly string[];
  /** Milliseconds after a run has taken its output that it is killed. */
  readonly momentMs: () => number;
  /** Called after each kill. */
  readonly afterKill?: (kills: number) => void;
  /** Called with each manifest that is whole. */
  readonly finished: () => void;
}

/** What came of it. */
export interface KillOutcome {
  readonly kills: number;
  /** Runs that said they go on with what an earlier one left, and those that began anew though something was left. */
  readonly wentOn: number;
  readonly beganAnew: number;
  readonly finished: number;
  /** Mailboxes that the runs which finished did not have to read. */
  readonly kept: number;
}

/** Starts one scan after the other; each is killed, but those that end before, and the last one. */
export async function killAndGoOn(plan: KillPlan): Promise<KillOutcome> {
  const partial = `${plan.output}.partial`;
  for (const path of [plan.output, partial, `${partial}-journal`]) rmSync(path, { force: true });
  let [kills, wentOn, beganAnew, finished, kept] = [0, 0, 0, 0, 0];
  for (;;) {
    const isLast = kills === plan.kills;
    const before = lastWritten(partial);
    const child = startSpooldiff(["scan", "-C", plan.conf, "-o", plan.output, ...plan.words]);
    const end = ended(child);
    if (!isLast) {
      // It has taken the output when it has written there.
      while (lastWritten(partial) === before && child.exitCode === null) await setTimeout(5);
      await setTimeout(plan.momentMs());
      child.kill("SIGKILL");
    }
    const { status, stderr } = await end;
    if (/Going on with/.test(stderr)) wentOn++;
    if (/is replaced/.test(stderr)) beganAnew++;
    if (status !== null) {
      if (status !== 0 && status !== 3) throw new Error(`a scan ended with ${status}: ${stderr}`);
      kept += Number(/([\d,]+) mailboxes were read by earlier runs/.exec(stderr)?.[1]?.replaceAll(",", "") ?? 0);
      finished++;
      plan.finished();
      if (isLast) return { kills, wentOn, beganAnew, finished, kept };
      rmSync(plan.output);
    } else {
      kills++;
      plan.afterKill?.(kills);
    }
  }
}

function lastWritten(path: string): number | null {
  return statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? null;
}
