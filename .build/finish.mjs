/**
 * The part of the build that `tsc -p src` leaves: dist gets what is not TypeScript, loses what has no source any more
 * (a stale module would still be found by its importers), the manual is made, and its program may be run.
 */

import { chmodSync, cpSync, existsSync, globSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { manualPages } from "./man/pages.ts";

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
  const source = COMPILED.test(file) ? file.replace(COMPILED, ".$1ts") : null;
  const made = source === null ? assets.includes(file) : existsSync(join(SOURCE, source));
  if (!made) rmSync(join(OUTPUT, file), { recursive: true, force: true });
}

mkdirSync(join(OUTPUT, "man"), { recursive: true });
for (const [name, page] of manualPages()) writeFileSync(join(OUTPUT, "man", name), page);

chmodSync(join(OUTPUT, "cli/spooldiff.cjs"), 0o755);
