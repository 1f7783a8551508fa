/** Programs that others wrote, which judge our reports and man pages. `.ci/install-judges` unpacks them. */
import { type SpawnSyncReturns, spawnSync } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { skipHere } from "./skip-here.ts";

/** What was unpacked, ready to be run. */
export interface Judges {
  run(
    program: "promtool" | "xmllint" | "mandoc",
    words: readonly string[],
    input?: string,
    cwd?: string,
  ): SpawnSyncReturns<string>;
}

/** The judges; null where they are not here, and the test is skipped, or in CI fails. */
export function judgesFor(context: TestContext): Judges | null {
  const root = privateRoot();
  if (["promtool", "xmllint", "mandoc"].some((program) => !existsSync(join(root, "usr/bin", program)))) {
    skipHere(context, `no promtool, xmllint and mandoc in ${root}; .ci/install-judges puts them there`);
    return null;
  }
  const triplet = readdirSync(join(root, "usr/lib")).find((name) => name.includes("-linux-gnu")) ?? "";
  const env = { ...process.env, LD_LIBRARY_PATH: join(root, "usr/lib", triplet) };
  return {
    run: (program, words, input = "", cwd = ".") =>
      spawnSync(join(root, "usr/bin", program), words, { encoding: "utf8", input, env, cwd, timeout: 60_000 }),
  };
}

/** The same rule as in `.ci/install-judges`. */
function privateRoot(): string {
  const { SPOOLDIFF_JUDGES_ROOT: chosen, XDG_CACHE_HOME: cache } = process.env;
  if (chosen) return chosen;
  if (cache) return join(cache, "spooldiff-test/judges");
  return process.getuid?.() === 0
    ? "/var/cache/spooldiff-test/judges"
    : join(homedir(), ".cache/spooldiff-test/judges");
}
