/**
 * CRC-32 (as `zlib.crc32`) of records, and of short texts that are put together anew for each of them. Calls of the
 * native function for them, and the buffers they need, take several times as long. States are signed 32-bit numbers.
 */

const POLYNOMIAL = 0xedb8_8320;
const TABLE = Int32Array.from({ length: 256 }, (_, byte) => {
  let state = byte;
  for (let bit = 0; bit < 8; bit++) state = state & 1 ? (state >>> 1) ^ POLYNOMIAL : state >>> 1;
  return state;
});

/** For each byte what becomes of it over as many zero bytes as its table has number: eight bytes are taken at once. */
const OVER = [TABLE];
for (let i = 1; i < 8; i++) {
  OVER.push(Int32Array.from(OVER[i - 1] ?? [], (state) => (state >>> 8) ^ (TABLE[state & 0xff] ?? 0)));
}
const [OVER0, OVER1, OVER2, OVER3, OVER4, OVER5, OVER6, OVER7] = OVER as [
  Int32Array,
  Int32Array,
  Int32Array,
  Int32Array,
  Int32Array,
  Int32Array,
  Int32Array,
  Int32Array,
];

/** Where every text begins. */
export const CRC_START = -1;

const ZERO = 0x30;
const LETTER_A = 0x61;
const digits = new Uint8Array(20);

/** The CRC of what led to `state`. */
export function finishCrc(state: number): number {
  return ~state >>> 0;
}

/** Goes on with one byte. */
export function crcByte(state: number, byte: number): number {
  return (TABLE[(state ^ byte) & 0xff] ?? 0) ^ (state >>> 8);
}

/**
 * The CRC of the bytes from `from` up to `to`: for a hundred of them in less than half the time of the native function.
 *
 * @see Kounavis and Berry, "A Systematic Approach to Building High Performance Software-Based CRC Generators" (2005):
 *   slicing by eight
 */
export function crcOf(view: DataView, from: number, to: number): number {
  let state = CRC_START;
  let at = from;
  for (; at + 8 <= to; at += 8) {
    const low = state ^ view.getInt32(at, true);
    const high = view.getInt32(at + 4, true);
    const ofLow =
      (OVER7[low & 0xff] ?? 0) ^
      (OVER6[(low >>> 8) & 0xff] ?? 0) ^
      (OVER5[(low >>> 16) & 0xff] ?? 0) ^
      (OVER4[low >>> 24] ?? 0);
    const ofHigh =
      (OVER3[high & 0xff] ?? 0) ^
      (OVER2[(high >>> 8) & 0xff] ?? 0) ^
      (OVER1[(high >>> 16) & 0xff] ?? 0) ^
      (OVER0[high >>> 24] ?? 0);
    state = ofLow ^ ofHigh;
  }
  for (; at < to; at++) state = crcByte(state, view.getUint8(at));
  return finishCrc(state);
}

/** Goes on with a whole number below 2^53, in decimal. */
export function crcDecimal(state: number, value: number): number {
  let at = digits.length;
  let rest = value;
  while (rest > 0x7fff_ffff) {
    const next = Math.floor(rest / 10);
    digits[--at] = rest - next * 10;
    rest = next;
  }
  do {
    const next = (rest / 10) | 0;
    digits[--at] = rest - next * 10;
    rest = next;
  } while (rest > 0);
  let now = state;
  for (; at < digits.length; at++) now = crcByte(now, ZERO + (digits[at] ?? 0));
  return now;
}

/** Goes on with the low `length` hexadecimal digits, at most 8, of a 32-bit number. */
export function crcHex(state: number, value: number, length: number): number {
  let now = state;
  for (let shift = (length - 1) * 4; shift >= 0; shift -= 4) {
    const digit = (value >>> shift) & 15;
    now = crcByte(now, digit < 10 ? ZERO + digit : LETTER_A - 10 + digit);
  }
  return now;
}

/** A text that is often gone on with: in four steps however long it is, since CRCs are linear. */
export class FixedText {
  /** For each byte of a state what becomes of it over as many bytes as the text has. */
  readonly #shift: readonly Int32Array[];
  /** What the text makes of state 0. */
  readonly #own: number;

  /** @param text ASCII */
  constructor(text: string) {
    const over = (state: number) => {
      let now = state;
      for (let i = 0; i < text.length; i++) now = crcByte(now, 0);
      return now;
    };
    this.#shift = [0, 8, 16, 24].map((bits) => Int32Array.from({ length: 256 }, (_, byte) => over(byte << bits)));
    let own = 0;
    for (const letter of text) own = crcByte(own, letter.charCodeAt(0));
    this.#own = own;
  }

  /** Goes on with the text. */
  after(state: number): number {
    const [a, b, c, d] = this.#shift as [Int32Array, Int32Array, Int32Array, Int32Array];
    const low = (a[state & 0xff] ?? 0) ^ (b[(state >>> 8) & 0xff] ?? 0);
    return low ^ (c[(state >>> 16) & 0xff] ?? 0) ^ (d[state >>> 24] ?? 0) ^ this.#own;
  }
}
