/**
 * The part of the build that `tsc -p src` leaves: dist gets what is not TypeScript, loses what has no source any more
 * (a stale module would still be found by its importers), and its program may be run.
 */

import { chmodSync, cpSync, existsSync, globSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const PROJECT = dirname(dirname(fileURLToPath(import.meta.url)));
const SOURCE = join(PROJECT, "src");
const OUTPUT = join(PROJECT, "dist");

/** What is read at run time beside the program, below src. */
const ASSETS = ["manifest/*.sql", "history/*.sql", "demo/**/*.json", "report/**/*.{json,yaml}"];

/** Output of the compiler: `x.js`, `x.d.ts` and `x.js.map` come from `x.ts`, and `x.cjs` from `x.cts`. */
const COMPILED = /(?:\.d)?\.([cm]?)[jt]s(?:\.map)?$/;

const assets = globSync(ASSETS, { cwd: SOURCE });
for (const asset of assets) cpSync(join(SOURCE, asset), join(OUTPUT, asset));

for (const file of globSync("**/*.*", { cwd: OUTPUT })) {
  const made = COMPILED.test(file) ? existsSync(join(SOURCE, file.replace(COMPILED, ".$1ts"))) : assets.includes(file);
  if (!made) rmSync(join(OUTPUT, file), { recursive: true, force: true });
}

chmodSync(join(OUTPUT, "cli/spooldiff.cjs"), 0o755);
