/**
 * MD5 and SHA-1 of many files at once, by the SIMD kernels of `kernels.ts`: a lane is a file, and a lane whose file is
 * finished takes the next one.
 */
import { KERNEL_LANES, KERNEL_LAYOUT, type KernelName } from "./kernel-layout.ts";
import { KERNELS_BASE64 } from "./kernels.ts";
import type { LaneBatch } from "./lane-batch.ts";

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

  /** Digests the files of `batch` that are not among the `first` ones in its order; padded with little-endian lengths. */
  md5(batch: LaneBatch, first: number, within: number): void {
    const group = batch.count - first > KERNEL_LANES.md5x4 ? this.#md5 : this.#fewMd5;
    group.run(batch, first, within);
  }

  /** As {@link md5}; padded with big-endian lengths. */
  sha1(batch: LaneBatch, first: number, within: number): void {
    this.#sha1.run(batch, first, within);
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
  /** Number of the file in each lane. */
  readonly #file: Int32Array;

  constructor(kernel: Kernel, lanes: number, algorithm: Algorithm, memory: WebAssembly.Memory) {
    this.#kernel = kernel;
    this.#lanes = lanes;
    this.#algorithm = algorithm;
    this.#page = new DataView(memory.buffer);
    this.#left = new Int32Array(lanes);
    this.#file = new Int32Array(lanes);
  }

  /** @param within where the digest stands among those of a file */
  run(batch: LaneBatch, first: number, within: number): void {
    const left = this.#left;
    const { order, count } = batch;
    let next = first;
    let busy = 0;
    for (let lane = 0; lane < this.#lanes && next < count; lane++, busy++) this.#start(lane, batch, order[next++] ?? 0);
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
        this.#finish(lane, batch, within);
        if (next < count) this.#start(lane, batch, order[next++] ?? 0);
        else busy--;
      }
    }
  }

  #fewestLeft(): number {
    let fewest = 0;
    for (let lane = 0; lane < this.#lanes; lane++) {
      const left = this.#left[lane] ?? 0;
      if (left > 0 && (left < fewest || fewest === 0)) fewest = left;
    }
    return fewest;
  }

  #start(lane: number, batch: LaneBatch, file: number): void {
    this.#left[lane] = batch.blocks[file] ?? 0;
    this.#file[lane] = file;
    this.#page.setUint32(pointerAt(lane), batch.addresses[file] ?? 0, true);
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

  #finish(lane: number, batch: LaneBatch, within: number): void {
    const { initial, littleEndian } = this.#algorithm;
    const file = this.#file[lane] ?? 0;
    const at = batch.outputAt(file, within);
    const output = batch.outputs[file];
    for (let word = 0; word < initial.length; word++) {
      output?.setUint32(at + 4 * word, this.#page.getUint32(this.#stateAt(word, lane), true), littleEndian);
    }
  }

  #stateAt(word: number, lane: number): number {
    return KERNEL_LAYOUT.state + 4 * (word * this.#lanes + lane);
  }
}

function pointerAt(lane: number): number {
  return KERNEL_LAYOUT.pointers + 4 * lane;
}
