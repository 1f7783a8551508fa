/** What an unsigned long is on the host that wrote the value. */
export type Long = "64-bit little-endian" | "64-bit big-endian" | "32-bit";

/** The value of an annotation's record as Cyrus writes it; without modseq as before 3.2. */
export function writeAnnotationValue(value: string, long: Long, rest: { modseq?: bigint; flags?: number }): string {
  const length = Buffer.alloc(long === "32-bit" ? 4 : 8);
  length.writeUInt32BE(value.length, long === "64-bit big-endian" ? 4 : 0);
  const parts = [length, Buffer.from(`${value}\0text/plain\0`, "latin1"), Buffer.alloc(length.length)];
  if (rest.modseq !== undefined) {
    const tail = Buffer.alloc(9);
    tail.writeBigUInt64BE(rest.modseq);
    tail[8] = rest.flags ?? 0;
    parts.push(tail);
  }
  return Buffer.concat(parts).toString("latin1");
}
