import { existsSync, mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const IN_MEMORY = "/dev/shm";

/**
 * Makes a folder in memory where the machine has such a place, else in the folder for temporary files. For tests that
 * commit to databases hundreds of times: a disk that others use too makes them wait for it each time. The caller
 * deletes it.
 */
export function memoryFolder(prefix: string): string {
  return mkdtempSync(join(existsSync(IN_MEMORY) ? IN_MEMORY : tmpdir(), prefix));
}
