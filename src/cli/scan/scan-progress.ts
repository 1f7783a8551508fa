import { Presets, SingleBar } from "cli-progress";
import { count, duration, size } from "../../report/figures.ts";
import type { ScanEvents, ScanPhase, ScanProgress } from "../../scan/scan-options.ts";
import { ScanPace } from "./scan-pace.ts";

/** How often a line is printed where nobody watches a terminal. */
const LINE_EVERY_MS = 60_000;

const PHASES: Readonly<Record<ScanPhase, string>> = {
  list: "reading the mailbox list",
  discovery: "looking for mailboxes that the list does not know",
  earlier: "looking for changes to what was read before",
  mailboxes: "reading mailboxes",
  "second-looks": "looking again at what was in motion",
  items: "reading subscriptions, seen state, quotas, scripts and annotations",
};

/** Shows how far a scan has come: a bar on a terminal, a line a minute elsewhere, nothing when quiet. */
export class ProgressPrinter implements ScanEvents {
  readonly #quiet: boolean;
  readonly #pace = new ScanPace();
  #bar: SingleBar | null = null;
  #nextLineAt = Date.now() + LINE_EVERY_MS;
  #stopped = false;

  constructor(quiet: boolean) {
    this.#quiet = quiet;
  }

  progress(now: ScanProgress): void {
    if (this.#quiet || this.#stopped) return;
    const atMs = Date.now();
    this.#pace.add(atMs, now);
    if (process.stderr.isTTY) this.#draw(now, atMs);
    else if (atMs >= this.#nextLineAt) {
      this.#nextLineAt = atMs + LINE_EVERY_MS;
      process.stderr.write(`spooldiff: ${progressLine(now, this.#pace, atMs)}\n`);
    }
  }

  /** Takes the bar away; may be called more than once. */
  stop(): void {
    this.#stopped = true;
    this.#bar?.stop();
    this.#bar = null;
  }

  #draw(now: ScanProgress, atMs: number): void {
    if (now.phase !== "mailboxes" && this.#bar === null) return;
    const left = this.#pace.secondsLeft(atMs, now);
    const { bytes, files } = this.#pace.rates();
    const payload = {
      read: size(now.bytesRead),
      rate: `${size(bytes)}/s, ${count(Math.round(files))} files/s`,
      left: left === null ? "" : `, ${duration(left)} left`,
    };
    if (this.#bar === null) {
      const format = "{bar} {percentage}% {value}/{total} mailboxes, {read}, {rate}{left}";
      const options = { format, barsize: 20, hideCursor: true, clearOnComplete: true, stream: process.stderr };
      this.#bar = new SingleBar(options, Presets.shades_classic);
      this.#bar.start(Math.max(1, now.mailboxes), now.mailboxesDone, payload);
      return;
    }
    this.#bar.update(now.mailboxesDone, payload);
  }
}

/** How far a scan has come, in a line. */
export function progressLine(now: ScanProgress, pace: ScanPace, atMs: number): string {
  const kept = now.mailboxesKept === 0 ? "" : ` (${count(now.mailboxesKept)} by earlier runs)`;
  const done = `${count(now.mailboxesDone)} of ${count(now.mailboxes)} mailboxes${kept}, ${count(now.messages)} messages`;
  const { bytes, files } = pace.rates();
  const left = pace.secondsLeft(atMs, now);
  const eta = left === null ? "" : `, about ${duration(left)} left`;
  const rate = `${size(now.bytesRead)} at ${size(bytes)}/s and ${count(Math.round(files))} files/s`;
  return `${PHASES[now.phase]}: ${done}, ${rate}${eta}`;
}
