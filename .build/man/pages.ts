/** The manual, made of the table of options and of the schema of manifests: nothing is described twice. */
import { readFileSync } from "node:fs";
import { buildProgram } from "../../src/cli/program.ts";
import { commandPage } from "./command-page.ts";
import { configurationPage } from "./configuration-page.ts";
import { manifestPage } from "./manifest-page.ts";

/** The day of the manual: changed with what the pages say. */
const DATE = "November 26, 2026";

/** All pages, by file name. */
export function manualPages(): ReadonlyMap<string, string> {
  const program = buildProgram(() => {});
  const schema = readFileSync(new URL("../../src/manifest/schema.sql", import.meta.url), "utf8");
  const pages = {
    "spooldiff.1": commandPage(program, DATE),
    "spooldiff.toml.5": configurationPage(program, DATE),
    "spooldiff-manifest.5": manifestPage(schema, DATE),
  };
  return new Map(Object.entries(pages).map(([name, lines]) => [name, `${lines.join("\n")}\n`]));
}
