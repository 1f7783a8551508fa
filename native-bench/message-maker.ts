import { createRandom, type Random } from "./random.ts";

const LINE_BYTES = 78;
const POOL_LINES = 65_536;

/** A message as written to its file. */
export interface MadeMessage {
  /** Valid until the next call. */
  readonly bytes: Buffer;
  /** Bytes up to and including the empty line. */
  readonly headerBytes: number;
}

/**
 * Makes messages of wanted sizes: a header that differs in each, and a body of base64 lines cut from one pool of
 * random text, so that making a message costs little more than copying it.
 */
export class MessageMaker {
  readonly #pool = makePool();
  readonly #random: Random;
  #buffer = Buffer.alloc(1 << 20);

  constructor(random: Random) {
    this.#random = random;
  }

  /** `sizeBytes` includes the header; where that alone is longer, the message is the header. */
  make(serial: number, userId: string, dateSeconds: number, sizeBytes: number): MadeMessage {
    const header = Buffer.from(headerText(serial, userId, dateSeconds), "latin1");
    const size = Math.max(sizeBytes, header.length);
    if (size > this.#buffer.length) this.#buffer = Buffer.alloc(2 * size);
    header.copy(this.#buffer, 0);
    let from = LINE_BYTES * this.#random.integer(0, POOL_LINES - 1);
    for (let at = header.length; at < size; ) {
      at += this.#pool.copy(this.#buffer, at, from, Math.min(this.#pool.length, from + size - at));
      from = 0;
    }
    // Ends with a line end, wherever the body was cut.
    if (size >= header.length + 2) this.#buffer.write("\r\n", size - 2, "latin1");
    return { bytes: this.#buffer.subarray(0, size), headerBytes: header.length };
  }
}

function headerText(serial: number, userId: string, dateSeconds: number): string {
  const date = new Date(1000 * dateSeconds).toUTCString().replace("GMT", "+0000");
  return [
    `Received: from mx.example.org by mail.example.net (Cyrus) with LMTPA id ${serial};\r\n\t${date}`,
    `Date: ${date}`,
    "From: Alice Example <alice@example.org>",
    `To: ${userId}@example.net`,
    `Subject: Report ${serial}`,
    `Message-ID: <${serial}.${dateSeconds}@example.org>`,
    "MIME-Version: 1.0",
    "Content-Type: application/octet-stream",
    "Content-Transfer-Encoding: base64",
    "\r\n",
  ].join("\r\n");
}

function makePool(): Buffer {
  const random = createRandom(4711);
  const raw = Buffer.alloc(57 * POOL_LINES);
  for (let i = 0; i + 4 <= raw.length; i += 4) raw.writeUInt32LE(random.integer(0, 0xffffffff), i);
  const text = raw.toString("base64");
  const pool = Buffer.alloc(LINE_BYTES * POOL_LINES);
  for (let i = 0; i < POOL_LINES; i++) pool.write(`${text.slice(76 * i, 76 * i + 76)}\r\n`, LINE_BYTES * i, "latin1");
  return pool;
}
