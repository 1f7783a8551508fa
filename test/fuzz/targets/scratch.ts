import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { memoryFolder } from "../../support/memory-folder.ts";

let directory: string | null = null;

/** A file with these bytes, for readers that open it themselves; the next call with the same name replaces it. */
export function scratchFile(name: string, bytes: Buffer): string {
  const path = join(scratchDirectory(), name);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, bytes);
  return path;
}

/** A directory that is removed when the process ends by itself. */
export function scratchDirectory(): string {
  if (directory === null) {
    const made = memoryFolder("spooldiff-fuzz-scratch-");
    process.on("exit", () => rmSync(made, { recursive: true, force: true }));
    directory = made;
  }
  return directory;
}
