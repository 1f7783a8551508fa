import { execFileSync } from "node:child_process";
import { lstatSync, mkdirSync, renameSync, rmSync, symlinkSync, truncateSync, writeFileSync } from "node:fs";
import { createRandom } from "./random.ts";

/** What can happen to a file or directory, whatever it holds. */
export const DAMAGES = {
  truncated: (path) => truncateSync(path, lstatSync(path).size >> 1),
  gone: (path) => rmSync(path, { recursive: true }),
  garbage: (path) => writeFileSync(path, garbage(lstatSync(path).size)),
  empty: (path) => {
    const directory = lstatSync(path).isDirectory();
    rmSync(path, { recursive: true });
    if (directory) mkdirSync(path);
    else writeFileSync(path, "");
  },
  "a directory": (path) => {
    rmSync(path, { recursive: true });
    mkdirSync(path);
  },
  "a file": (path) => {
    rmSync(path, { recursive: true });
    writeFileSync(path, garbage(1000));
  },
  "a FIFO": (path) => {
    rmSync(path, { recursive: true });
    execFileSync("mkfifo", [path]);
  },
  "a symlink to what it was": (path) => {
    renameSync(path, `${path}.moved`);
    symlinkSync(`${path}.moved`, path);
  },
  "a symlink to itself": (path) => {
    rmSync(path, { recursive: true });
    symlinkSync(path, path);
  },
  "a symlink to a device": (path) => {
    rmSync(path, { recursive: true });
    symlinkSync("/dev/zero", path);
  },
} as const satisfies Readonly<Record<string, (path: string) => void>>;

export type Damage = keyof typeof DAMAGES;

function garbage(length: number): Buffer {
  const random = createRandom(length);
  return Buffer.from(Array.from({ length }, () => random.integer(0, 255)));
}
