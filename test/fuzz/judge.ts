import { isDeepStrictEqual } from "node:util";
import { getHeapStatistics } from "node:v8";
import { type FuzzCase, type FuzzCases, isPlain } from "./mutations.ts";
import type { FuzzTarget, Reading } from "./target.ts";

/** What the decoder did with one input. */
export type Outcome =
  | { readonly status: "read" | "marked" | "refused" }
  | { readonly status: "failed"; readonly found: string };

/** Memory that any input may take, and how many times its own length on top of that. */
const FREE_BYTES = 4 * 1024 * 1024;
const BYTES_PER_BYTE = 400;
/** Processor time for one input: what a busy machine takes many times over, and nothing that grows with the square. */
const FREE_MS = 300;
const MS_PER_BYTE = 0.004;

/** Judges the readings of one target; what never ends, or takes the process with it, is for who watches the process. */
export class Judge {
  readonly #target: FuzzTarget;
  readonly #cases: FuzzCases;
  /** Readings of the sound inputs. */
  readonly #truth: readonly Reading[];

  /** @throws Error if the target complains of its own corpus, which would make every case worthless */
  constructor(target: FuzzTarget, cases: FuzzCases) {
    this.#target = target;
    this.#cases = cases;
    this.#truth = cases.corpus.map((bytes, i) => {
      const reading = target.read(Buffer.from(bytes));
      if (reading.marked) throw new Error(`input ${i} of the corpus of ${target.name} is marked as damaged`);
      return reading;
    });
  }

  judge(fuzzCase: FuzzCase): Outcome {
    const input = this.#cases.inputOf(fuzzCase);
    const copy = Buffer.from(input);
    const before = memoryBytes();
    const cpu = process.cpuUsage();
    const reading = this.#read(input);
    const cpuMs = process.cpuUsage(cpu).user / 1000;
    const grown = memoryBytes() - before;
    if (reading instanceof Error) {
      return { status: "failed", found: `it threw ${reading.stack ?? reading.message}` };
    }
    if (grown > FREE_BYTES + BYTES_PER_BYTE * input.length) {
      return { status: "failed", found: `${input.length} bytes of input took ${grown} bytes of memory` };
    }
    if (cpuMs > FREE_MS + MS_PER_BYTE * input.length)
      return { status: "failed", found: `${input.length} bytes of input took ${cpuMs} ms` };
    if (!input.equals(copy)) return { status: "failed", found: "it wrote into its input" };
    const silent = reading === null || reading.marked ? null : this.#silentChange(fuzzCase, input, reading);
    if (silent !== null) return { status: "failed", found: silent };
    return { status: reading === null ? "refused" : reading.marked ? "marked" : "read" };
  }

  /** Null for a refusal; an error that is none of them is handed back. */
  #read(input: Buffer): Reading | null | Error {
    try {
      return this.#target.read(input);
    } catch (error) {
      if (this.#target.refusals.some((refusal) => error instanceof refusal)) return null;
      return error instanceof Error ? error : new Error(`it threw ${String(error)}`);
    }
  }

  /** What a change did that checksums cover and that was read as if it were sound. */
  #silentChange({ sample, mutations, reseal }: FuzzCase, input: Buffer, reading: Reading): string | null {
    const original = this.#cases.corpus[sample];
    const sealed = original === undefined ? undefined : this.#target.sealedBytes?.(original);
    if (reseal || sealed === undefined || original === undefined) return null;
    if (!mutations.every(isPlain)) return null;
    if (!input.subarray(0, sealed).equals(original.subarray(0, sealed))) {
      return "bytes that have a checksum were changed, and it noticed nothing";
    }
    const same = isDeepStrictEqual(reading.value, this.#truth[sample]?.value);
    return same ? null : "bytes were changed, and it read something else without a word";
  }
}

function memoryBytes(): number {
  const { used_heap_size, external_memory } = getHeapStatistics();
  return used_heap_size + external_memory;
}
