import { type Code, i32x4, v128 } from "./assembler.ts";
import type { Kernel, KernelSpec } from "./kernel.ts";

/** Left rotations of the four operations of each round. @see RFC 1321, section 3.4 */
const ROTATIONS = [
  [7, 12, 17, 22],
  [5, 9, 14, 20],
  [4, 11, 16, 23],
  [6, 10, 15, 21],
] as const;

/**
 * The table T of RFC 1321. That of the last round is one less than there: `rounds` subtracts its function's complement,
 * and x + ~f = x - f - 1.
 */
export const MD5_CONSTANTS: readonly number[] = Array.from({ length: 64 }, (_, i) => {
  const t = Math.floor(Math.abs(Math.sin(i + 1)) * 2 ** 32);
  return i < 48 ? t : t - 1;
});

/** MD5 of 4 × `sets` lanes. Its constants begin at number `constants`. @see RFC 1321 */
export function md5(sets: number, constants: number): KernelSpec {
  const rounds = (kernel: Kernel) =>
    Array.from({ length: 64 }, (_, i) => i).flatMap((i) => [
      ...kernel.loadConstant(constants + i),
      ...kernel.sets.flatMap((set) => sum(kernel, i, set)),
      ...kernel.sets.flatMap((set) => rotateAndAdd(kernel, i, set)),
    ]);
  return { sets, stateWords: 4, bigEndian: false, rounds };
}

/** Names of the words that stand for a, b, c, d of the RFC in operation `i`. */
function rolesOf(i: number, set: number): readonly [string, string, string, string] {
  const names = ["abcd", "dabc", "cdab", "bcda"][i & 3] ?? "";
  const [a, b, c, d] = [...names].map((name) => name + set);
  return [a ?? "", b ?? "", c ?? "", d ?? ""];
}

/** sum = a + f(b, c, d) + word + constant */
function sum(kernel: Kernel, i: number, set: number): Code {
  const round = i >> 4;
  const word = [i, 5 * i + 1, 3 * i + 5, 7 * i][round] ?? 0;
  const [a, b, c, d] = rolesOf(i, set).map((name) => kernel.get(name)) as [Code, Code, Code, Code];
  const rest = i32x4.add(i32x4.add(a, kernel.get("constant")), kernel.word(set, word & 15));
  // f and g are written with one operation less than in the RFC; of i, whose inner complement is that of d, the
  // complement of the whole is computed: c ^ (b | ~d) = ~(c ^ (d & ~b)).
  const f = [
    () => v128.xor(v128.and(v128.xor(c, d), b), d),
    () => v128.xor(v128.and(v128.xor(b, c), d), c),
    () => v128.xor(v128.xor(c, d), b),
    () => v128.xor(v128.andNot(d, b), c),
  ][round];
  const value = f?.() ?? [];
  return kernel.set(`sum${set}`, round === 3 ? i32x4.sub(rest, value) : i32x4.add(rest, value));
}

/** a = b + (sum <<< rotation) */
function rotateAndAdd(kernel: Kernel, i: number, set: number): Code {
  const [a, b] = rolesOf(i, set);
  const rotation = ROTATIONS[i >> 4]?.[i & 3] ?? 0;
  return kernel.set(a, i32x4.add(kernel.rotateLeft(kernel.get(`sum${set}`), rotation), kernel.get(b)));
}
