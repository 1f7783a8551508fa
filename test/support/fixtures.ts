import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A spool that a real server wrote, unpacked into a directory of its own. */
export interface UnpackedFixture {
  /** Absolute path of the fixture's top directory. */
  readonly root: string;
  cleanup(): void;
}

export type FixtureName = "a-legacy-insync" | "b-uuid-insync" | "c-damaged-legacy" | "d-index-versions";

const FIXTURES = join(import.meta.dirname, "../fixtures/cyrus");

/** Unpacks `test/fixtures/cyrus/<name>.tar.gz` and makes the paths in its `imapd.conf` files its own. */
export function unpackFixture(name: FixtureName): UnpackedFixture {
  const directory = mkdtempSync(join(tmpdir(), "spooldiff-fixture-"));
  const cleanup = () => rmSync(directory, { recursive: true, force: true });
  try {
    execFileSync("tar", ["-xzf", join(FIXTURES, `${name}.tar.gz`), "-C", directory]);
    const root = join(directory, name);
    for (const entry of readdirSync(root, { withFileTypes: true, recursive: true })) {
      if (entry.isFile() && entry.name === "imapd.conf") setRoot(join(entry.parentPath, entry.name), root);
    }
    return { root, cleanup };
  } catch (error) {
    cleanup();
    throw error;
  }
}

/** The JSON file beside a fixture, such as `c-damaged-legacy.expected.json`. */
export function readExpected(fileName: string): unknown {
  return JSON.parse(readFileSync(join(FIXTURES, fileName), "utf8"));
}

function setRoot(file: string, root: string): void {
  const text = readFileSync(file, "latin1").replaceAll("@ROOT@", Buffer.from(root, "utf8").toString("latin1"));
  writeFileSync(file, text, "latin1");
}
