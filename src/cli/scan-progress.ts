import { Presets, SingleBar } from "cli-progress";
import { count, duration, size } from "../report/figures.ts";
import type { ScanEvents, ScanPhase, ScanProgress } from "../scan/scan-options.ts";

/** How often a line is printed where nobody watches a terminal. */
const LINE_EVERY_MS = 60_000;

const PHASES: Readonly<Record<ScanPhase, string>> = {
  list: "reading the mailbox list",
  discovery: "looking for mailboxes that the list does not know",
  mailboxes: "reading mailboxes",
  "second-looks": "looking again at what was in motion",
  items: "reading subscriptions, seen state, quotas, scripts and annotations",
};

/** Shows how far a scan has come: a bar on a terminal, a line a minute elsewhere, nothing when quiet. */
export class ProgressPrinter implements ScanEvents {
  readonly #quiet: boolean;
  readonly #startedAt = Date.now();
  #bar: SingleBar | null = null;
  #nextLineAt = Date.now() + LINE_EVERY_MS;
  #stopped = false;

  constructor(quiet: boolean) {
    this.#quiet = quiet;
  }

  progress(now: ScanProgress): void {
    if (this.#quiet || this.#stopped) return;
    if (process.stderr.isTTY) this.#draw(now);
    else if (Date.now() >= this.#nextLineAt) this.#line(now);
  }

  /** Takes the bar away; may be called more than once. */
  stop(): void {
    this.#stopped = true;
    this.#bar?.stop();
    this.#bar = null;
  }

  #draw(now: ScanProgress): void {
    if (now.phase !== "mailboxes" && this.#bar === null) return;
    const payload = { what: PHASES[now.phase], read: size(now.bytesRead), rate: size(this.#rate(now)) };
    if (this.#bar === null) {
      const format = "{bar} {percentage}% {value}/{total} mailboxes, {read}, {rate}/s, {eta_formatted} left";
      const options = {
        format,
        barsize: 20,
        hideCursor: true,
        clearOnComplete: true,
        stream: process.stderr,
        etaBuffer: 100,
      };
      this.#bar = new SingleBar(options, Presets.shades_classic);
      this.#bar.start(Math.max(1, now.mailboxes), now.mailboxesDone, payload);
      return;
    }
    this.#bar.update(now.mailboxesDone, payload);
  }

  #line(now: ScanProgress): void {
    this.#nextLineAt = Date.now() + LINE_EVERY_MS;
    const done = `${count(now.mailboxesDone)} of ${count(now.mailboxes)} mailboxes, ${count(now.messages)} messages`;
    const left = this.#secondsLeft(now);
    const eta = left === null ? "" : `, about ${duration(left)} left`;
    process.stderr.write(
      `spooldiff: ${PHASES[now.phase]}: ${done}, ${size(now.bytesRead)} at ${size(this.#rate(now))}/s${eta}\n`,
    );
  }

  #rate(now: ScanProgress): number {
    return Number(now.bytesRead) / Math.max(0.001, (Date.now() - this.#startedAt) / 1000);
  }

  #secondsLeft(now: ScanProgress): number | null {
    if (now.phase !== "mailboxes" || now.mailboxesDone === 0) return null;
    const elapsed = (Date.now() - this.#startedAt) / 1000;
    return Math.round((elapsed / now.mailboxesDone) * (now.mailboxes - now.mailboxesDone));
  }
}
