/**
 * Where the kernels of `kernels.ts` find their operands: addresses in the first page of the WebAssembly memory that they
 * share with their caller. What follows it is the caller's.
 *
 * A kernel takes the number of 64-byte blocks to digest in every lane; one lane is one file. It leaves the block
 * pointers and the state advanced. Lane `l` of vector set `s` is lane `4 * s + l`, and word `w` of its state stands in
 * lane `l` of vector `w * sets + s`.
 */
export const KERNEL_LAYOUT = {
  /** One 32-bit address a lane: its next block. */
  pointers: 0,
  /** The state: one vector for each word and set. */
  state: 256,
  /** Round constants, written when the kernels are instantiated. */
  constants: 1024,
  /** 16 vectors a set: the words of the current blocks. */
  words: 2048,
} as const;

/** Size of that page. */
export const KERNEL_PAGE_BYTES = 65536;

/** Lanes of each kernel, by the name it is exported by. */
export const KERNEL_LANES = { md5x12: 12, md5x4: 4, sha1x4: 4 } as const;

export type KernelName = keyof typeof KERNEL_LANES;
