/**
 * `npm run layers`: applies `.dependency-cruiser.cjs` to src, test and native-bench, and fails also when the cruiser
 * has not seen everything: a parser that does not fit the compiler finds no import, hence no fault.
 */

import { existsSync, globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { cruise, type ICruiseResult } from "dependency-cruiser";
import readConfiguration from "dependency-cruiser/config-utl/extract-depcruise-options";

const FOLDERS = ["src", "test", "native-bench"];

/** A statement that imports, at the start of its line, or an `import("…")`, be it of a value or of a type. */
const IMPORTS =
  /^(?:import\s*|(?:import|export)\b[^;"=]*?\bfrom\s*)"([^"]+)"|^(?!\s*(?:\*|\/\/)).*?\bimport\(\s*"([^"]+)"/gm;

/** What is wrong with the layers of the project in the current folder, one fault a string; empty if nothing is. */
async function layerFaults(): Promise<string[]> {
  const options = await readConfiguration(join(process.cwd(), ".dependency-cruiser.cjs"));
  const folders = FOLDERS.filter((folder) => existsSync(folder));
  const { output } = await cruise(folders, options);
  if (typeof output === "string") throw new TypeError("The cruiser was to return its result, not a text");
  return [...brokenRules(output), ...unseen(output, folders)];
}

function brokenRules({ summary }: ICruiseResult): string[] {
  const comments = new Map(summary.ruleSetUsed?.forbidden?.map(({ name, comment }) => [name, comment]));
  return summary.violations.map(({ rule, from, to, cycle }) => {
    const path = [from, ...(cycle?.map(({ name }) => name) ?? (to === from ? [] : [to]))].join(" -> ");
    return `${rule.name}: ${path}\n    ${comments.get(rule.name) ?? ""}`;
  });
}

/** Source files, and imports of files in src, that the cruiser overlooked. */
function unseen({ modules }: ICruiseResult, folders: readonly string[]): string[] {
  const seen = new Map(modules.map(({ source, dependencies }) => [source, new Set(dependencies.map((d) => d.module))]));
  const files = folders
    .flatMap((folder) => globSync(`${folder}/**/*.{ts,mts,cts,js,mjs,cjs}`))
    .filter((file) => !/^test\/(fixtures|golden)\/|(^|\/)node_modules\//.test(file));
  if (files.length === 0) return ["no-sources: there is nothing to check here"];
  return files.flatMap((file) => {
    const dependencies = seen.get(file);
    if (dependencies === undefined) return [`file-not-seen: ${file}`];
    if (!file.startsWith("src/")) return [];
    return importsIn(readFileSync(file, "utf8"))
      .filter((specifier) => !dependencies.has(specifier))
      .map((specifier) => `import-not-seen: ${file} -> ${specifier}`);
  });
}

function importsIn(source: string): string[] {
  // The cruiser names Node's own modules without their prefix.
  return [...source.matchAll(IMPORTS)].map(([, statement, call]) => (statement ?? call ?? "").replace(/^node:/, ""));
}

const faults = await layerFaults();
for (const fault of faults) process.stdout.write(`error ${fault}\n`);
process.stdout.write(faults.length === 0 ? "Layers: no fault\n" : `Layers: ${faults.length} faults\n`);
process.exitCode = faults.length === 0 ? 0 : 1;
