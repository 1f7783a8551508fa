/**
 * MD5 and SHA-1 of many files at once, by the SIMD kernels of `kernels.ts`: a lane is a file, and a lane whose file is
 * finished takes the next one.
 */
import { KERNEL_LANES, KERNEL_LAYOUT, type KernelName } from "./kernel-layout.ts";
import { KERNELS_BASE64 } from "./kernels.ts";

/** A padded file in the memory of the kernels. */
export interface LaneJob {
  /** Address of its first block. */
  readonly address: number;
  /** 64-byte blocks, with the padding; at least one. */
  readonly blocks: number;
  /** Where the digest is to be written in the output. */
  readonly outputAt: number;
}

type Kernel = (blocks: number) => void;

/** The kernels over one memory, whose first page is theirs. */
export class Lanes {
  readonly #md5: LaneGroup;
  readonly #fewMd5: LaneGroup;
  readonly #sha1: LaneGroup;

  /** @throws {WebAssembly.CompileError} where there is no SIMD, see {@link hasSimd} */
  constructor(memory: WebAssembly.Memory) {
    const module = new WebAssembly.Module(moduleBytes());
    const { exports } = new WebAssembly.Instance(module, { env: { memory } });
    // The types are those that the generator gave them.
    const kernels = exports as unknown as Record<KernelName, Kernel>;
    const group = (name: KernelName, algorithm: Algorithm) =>
      new LaneGroup(kernels[name], KERNEL_LANES[name], algorithm, memory);
    this.#md5 = group("md5x12", MD5);
    this.#fewMd5 = group("md5x4", MD5);
    this.#sha1 = group("sha1x4", SHA1);
  }

  /** Digests `jobs`, best longest first; the padding must say the length little-endian. 16 bytes each. */
  md5(jobs: readonly LaneJob[], output: DataView): void {
    const group = jobs.length > KERNEL_LANES.md5x4 ? this.#md5 : this.#fewMd5;
    group.run(jobs, output);
  }

  /** Digests `jobs`, best longest first; the padding must say the length big-endian. 20 bytes each. */
  sha1(jobs: readonly LaneJob[], output: DataView): void {
    this.#sha1.run(jobs, output);
  }
}

/** True if this Node.js and this processor can run the kernels. */
export function hasSimd(): boolean {
  return WebAssembly.validate(moduleBytes());
}

function moduleBytes(): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(Buffer.from(KERNELS_BASE64, "base64"));
}

interface Algorithm {
  /** Words of the state before the first block. */
  readonly initial: readonly number[];
  readonly littleEndian: boolean;
}

/** @see RFC 1321, section 3.3 */
const MD5: Algorithm = { initial: [0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476], littleEndian: true };
/** @see FIPS 180-4, section 5.3.1 */
const SHA1: Algorithm = { initial: [...MD5.initial, 0xc3d2e1f0], littleEndian: false };

/** The lanes of one kernel. */
class LaneGroup {
  readonly #kernel: Kernel;
  readonly #lanes: number;
  readonly #algorithm: Algorithm;
  readonly #page: DataView;
  /** Blocks that each lane has still to do; 0 in an idle lane. */
  readonly #left: Int32Array;
  readonly #outputAt: Int32Array;

  constructor(kernel: Kernel, lanes: number, algorithm: Algorithm, memory: WebAssembly.Memory) {
    this.#kernel = kernel;
    this.#lanes = lanes;
    this.#algorithm = algorithm;
    this.#page = new DataView(memory.buffer);
    this.#left = new Int32Array(lanes);
    this.#outputAt = new Int32Array(lanes);
  }

  run(jobs: readonly LaneJob[], output: DataView): void {
    const left = this.#left;
    let next = 0;
    let busy = 0;
    for (let lane = 0; lane < this.#lanes && next < jobs.length; lane++, busy++) this.#start(lane, jobs[next++]);
    while (busy > 0) {
      // All lanes go as far as the one that is finished first.
      const blocks = this.#fewestLeft();
      if (busy < this.#lanes) this.#occupyIdleLanes();
      this.#kernel(blocks);
      for (let lane = 0; lane < this.#lanes; lane++) {
        const before = left[lane] ?? 0;
        if (before === 0) continue;
        left[lane] = before - blocks;
        if (before > blocks) continue;
        this.#finish(lane, output);
        if (next < jobs.length) this.#start(lane, jobs[next++]);
        else busy--;
      }
    }
  }

  #fewestLeft(): number {
    let fewest = 0;
    for (const left of this.#left) if (left > 0 && (left < fewest || fewest === 0)) fewest = left;
    return fewest;
  }

  #start(lane: number, job: LaneJob | undefined): void {
    if (job === undefined) return;
    this.#left[lane] = job.blocks;
    this.#outputAt[lane] = job.outputAt;
    this.#page.setUint32(pointerAt(lane), job.address, true);
    const { initial } = this.#algorithm;
    for (let word = 0; word < initial.length; word++) {
      this.#page.setUint32(this.#stateAt(word, lane), initial[word] ?? 0, true);
    }
  }

  /** Lets idle lanes digest, for nothing, what a busy one does: they have to read somewhere. */
  #occupyIdleLanes(): void {
    const busy = this.#left.findIndex((left) => left > 0);
    const address = this.#page.getUint32(pointerAt(busy), true);
    for (let lane = 0; lane < this.#lanes; lane++) {
      if (this.#left[lane] === 0) this.#page.setUint32(pointerAt(lane), address, true);
    }
  }

  #finish(lane: number, output: DataView): void {
    const { initial, littleEndian } = this.#algorithm;
    const at = this.#outputAt[lane] ?? 0;
    for (let word = 0; word < initial.length; word++) {
      output.setUint32(at + 4 * word, this.#page.getUint32(this.#stateAt(word, lane), true), littleEndian);
    }
  }

  #stateAt(word: number, lane: number): number {
    return KERNEL_LAYOUT.state + 4 * (word * this.#lanes + lane);
  }
}

function pointerAt(lane: number): number {
  return KERNEL_LAYOUT.pointers + 4 * lane;
}
