import { type Code, i32x4, v128 } from "./assembler.ts";
import type { Kernel, KernelSpec } from "./kernel.ts";

/** K of FIPS 180-4, section 4.2.1, one for each twenty operations. */
export const SHA1_CONSTANTS: readonly number[] = [0x5a827999, 0x6ed9eba1, 0x8f1bbcdc, 0xca62c1d6];

/** SHA-1 of 4 × `sets` lanes. Its constants begin at number `constants`. @see FIPS 180-4, section 6.1.3 */
export function sha1(sets: number, constants: number): KernelSpec {
  const rounds = (kernel: Kernel) =>
    Array.from({ length: 80 }, (_, t) => t).flatMap((t) => [
      ...(t % 20 === 0 ? kernel.loadConstant(constants + t / 20) : []),
      ...kernel.sets.flatMap((set) => operation(kernel, t, set)),
    ]);
  return { sets, stateWords: 5, bigEndian: true, rounds };
}

function operation(kernel: Kernel, t: number, set: number): Code {
  // The words change their names from one operation to the next instead of their places.
  const names = [0, 1, 2, 3, 4].map((i) => `${"abcde"[(i + 80 - t) % 5]}${set}`);
  const [a, b, c, d, e] = names.map((name) => kernel.get(name)) as [Code, Code, Code, Code, Code];
  const [, bName, , , eName] = names as [string, string, string, string, string];
  const choice = v128.xor(v128.and(v128.xor(c, d), b), d);
  const majority = v128.or(v128.and(b, c), v128.and(d, v128.or(b, c)));
  const parity = v128.xor(v128.xor(c, d), b);
  const f = [choice, parity, majority, parity][Math.floor(t / 20)] ?? [];
  const withConstant = i32x4.add(e, kernel.get("constant"));
  const withWord = i32x4.add(withConstant, kernel.get(`sum${set}`));
  return [
    ...kernel.set(`sum${set}`, scheduled(kernel, t, set)),
    ...(t < 16 ? [] : kernel.setWord(set, t & 15, kernel.get(`sum${set}`))),
    ...kernel.set(eName, i32x4.add(withWord, i32x4.add(f, kernel.rotateLeft(a, 5)))),
    ...kernel.set(bName, kernel.rotateLeft(b, 30)),
  ];
}

/** Word `t` of the message schedule. Of eighty, the last sixteen are kept. */
function scheduled(kernel: Kernel, t: number, set: number): Code {
  if (t < 16) return kernel.word(set, t);
  const [w3, w8, w14, w16] = [3, 8, 14, 16].map((back) => kernel.word(set, (t - back) & 15)) as [
    Code,
    Code,
    Code,
    Code,
  ];
  return kernel.rotateLeft(v128.xor(v128.xor(w3, w8), v128.xor(w14, w16)), 1);
}
