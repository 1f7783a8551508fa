import { globSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { cyrusToTestWith } from "./binaries.ts";

/** All that the programs and libraries of the unpacked Cyrus IMAP hold, a byte a character; null where there is none. */
export function textOfPrograms(): string | null {
  const { binaries } = cyrusToTestWith();
  if (binaries === null) return null;
  const root = dirname(dirname(binaries.programs));
  const files = [
    ...globSync("*/libcyrus*.so.0.0.0", { cwd: root }).map((file) => join(root, file)),
    ...globSync("*", { cwd: binaries.programs }).map((file) => join(binaries.programs, file)),
  ];
  return files.map((file) => readFileSync(file, "latin1")).join("\0");
}
