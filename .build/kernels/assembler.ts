/**
 * The binary format of WebAssembly, as much of it as the kernels need. Code is a list of bytes; an expression is the
 * code of its operands followed by its own opcode.
 *
 * @see https://webassembly.github.io/spec/core/binary/ and, for opcodes after 0xfd, "vector instructions" there
 */
export type Code = readonly number[];

/** What a function may declare as a local. */
const VALUE_TYPES = { i32: 0x7f, v128: 0x7b } as const;
type ValueType = keyof typeof VALUE_TYPES;

const SECTIONS = { type: 1, import: 2, function: 3, export: 7, code: 10, data: 11 } as const;

const ADDRESS_0: Code = [0x41, 0];

export const i32 = {
  const: (value: number): Code => [0x41, ...signed(value)],
  load: (offset: number): Code => [...ADDRESS_0, 0x28, 2, ...unsigned(offset)],
  store: (offset: number, value: Code): Code => [...ADDRESS_0, ...value, 0x36, 2, ...unsigned(offset)],
  add: binary(0x6a),
  sub: binary(0x6b),
};

export const v128 = {
  /** All of these load from `offset` on; `address` is added to it. */
  load: (offset: number, address: Code = ADDRESS_0): Code => [...address, 0xfd, 0x00, 0, ...unsigned(offset)],
  store: (offset: number, value: Code): Code => [...ADDRESS_0, ...value, 0xfd, 0x0b, 0, ...unsigned(offset)],
  /** The same 32 bits in all four lanes. */
  load32Splat: (offset: number): Code => [...ADDRESS_0, 0xfd, 0x09, 2, ...unsigned(offset)],
  /** Bytes 0-15 stand for those of `a`, 16-31 for those of `b`. */
  shuffle: (bytes: readonly number[], a: Code, b: Code): Code => [...a, ...b, 0xfd, 0x0d, ...bytes],
  and: binary(0xfd, 0x4e),
  /** a AND NOT b */
  andNot: binary(0xfd, 0x4f),
  or: binary(0xfd, 0x50),
  xor: binary(0xfd, 0x51),
};

export const i32x4 = {
  shl: (a: Code, bits: number): Code => [...a, ...i32.const(bits), 0xfd, ...unsigned(0xab)],
  shrU: (a: Code, bits: number): Code => [...a, ...i32.const(bits), 0xfd, ...unsigned(0xad)],
  add: binary(0xfd, ...unsigned(0xae)),
  sub: binary(0xfd, ...unsigned(0xb1)),
};

/** Runs `body` until `condition`, which is evaluated after it, is zero. */
export function repeatWhile(body: Code, condition: Code): Code {
  return [0x03, 0x40, ...body, ...condition, 0x0d, 0, 0x0b];
}

/** Names of a function's locals. The one parameter is the i32 `n`. */
export class Locals {
  readonly #numbers = new Map([["n", 0]]);
  readonly #types: ValueType[] = [];

  declare(name: string, type: ValueType): void {
    this.#numbers.set(name, this.#numbers.size);
    this.#types.push(type);
  }

  get(name: string): Code {
    return [0x20, ...this.#number(name)];
  }

  set(name: string, value: Code): Code {
    return [...value, 0x21, ...this.#number(name)];
  }

  /** Sets and leaves the value for the instruction after it. */
  tee(name: string, value: Code): Code {
    return [...value, 0x22, ...this.#number(name)];
  }

  /** The code of a whole function. */
  functionBody(body: Code): Code {
    const declarations = this.#types.flatMap((type) => [1, VALUE_TYPES[type]]);
    return sized([...unsigned(this.#types.length), ...declarations, ...body, 0x0b]);
  }

  #number(name: string): Code {
    const number = this.#numbers.get(name);
    if (number === undefined) throw new RangeError(`no local is called ${name}`);
    return unsigned(number);
  }
}

/**
 * A module of functions that take one i32 and return nothing, over a memory imported as `env.memory`.
 *
 * @param data written to address `at` of that memory when the module is instantiated
 */
export function moduleOf(functions: ReadonlyMap<string, Code>, data: { at: number; bytes: Code }): Uint8Array {
  const names = [...functions.keys()];
  return Uint8Array.from([
    ...[0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0], // "\0asm", version 1
    ...section("type", [[0x60, 1, VALUE_TYPES.i32, 0]]),
    ...section("import", [[...text("env"), ...text("memory"), 2, 0, 1]]), // a memory of at least one page
    ...section("function", names.map(() => [0])), // biome-ignore format: one section a line
    ...section("export", names.map((name, i) => [...text(name), 0, ...unsigned(i)])), // biome-ignore format: as above
    ...section("code", [...functions.values()]),
    ...section("data", [[0, ...i32.const(data.at), 0x0b, ...sized(data.bytes)]]),
  ]);
}

function section(name: keyof typeof SECTIONS, entries: readonly Code[]): Code {
  return [SECTIONS[name], ...sized([...unsigned(entries.length), ...entries.flat()])];
}

function text(value: string): Code {
  return sized([...Buffer.from(value)]);
}

function sized(bytes: Code): Code {
  return [...unsigned(bytes.length), ...bytes];
}

function binary(...opcode: Code): (a: Code, b: Code) => Code {
  return (a, b) => [...a, ...b, ...opcode];
}

/** LEB128. */
function unsigned(value: number): Code {
  return value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...unsigned(value >>> 7)];
}

function signed(value: number): Code {
  const isLast = value >= -0x40 && value < 0x40;
  return isLast ? [value & 0x7f] : [(value & 0x7f) | 0x80, ...signed(value >> 7)];
}
