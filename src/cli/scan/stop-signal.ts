import { ExitCode } from "../../errors.ts";

/** Longest time that a timer takes. */
const LONGEST_MS = 2 ** 31 - 1;

/** Stops a scan: Ctrl-C and SIGTERM (a second one ends the process at once), and the end of `--run-time`. */
export class StopSignal {
  readonly #controller = new AbortController();
  readonly #timer: NodeJS.Timeout | null;
  #reason: "signal" | "run-time" | null = null;
  readonly #onSignal = () => {
    if (this.#controller.signal.aborted) process.exit(ExitCode.incomplete);
    this.#stop("signal");
  };

  /** @param runSeconds from now on; null: as long as it takes */
  constructor(runSeconds: number | null) {
    process.on("SIGINT", this.#onSignal);
    process.on("SIGTERM", this.#onSignal);
    const end = () => this.#stop("run-time");
    this.#timer = runSeconds === null ? null : setTimeout(end, Math.min(runSeconds * 1000, LONGEST_MS));
    this.#timer?.unref();
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** What stopped the scan; null if nothing did. */
  get reason(): "signal" | "run-time" | null {
    return this.#reason;
  }

  release(): void {
    process.off("SIGINT", this.#onSignal);
    process.off("SIGTERM", this.#onSignal);
    if (this.#timer !== null) clearTimeout(this.#timer);
  }

  #stop(reason: "signal" | "run-time"): void {
    this.#reason ??= reason;
    this.#controller.abort();
  }
}
