import { SpooldiffError } from "../errors.ts";

/** What `--format html` needs beside the program: hosts that only scan do without. */
const HTML_PACKAGES = ["@observablehq/plot", "linkedom", "eta"];

/**
 * Loads a part of the program that needs packages which an installation may lack.
 *
 * @throws {SpooldiffError} that names them and how to get them, when one is not there
 */
export async function withHtmlPackages<Part>(load: () => Promise<Part>): Promise<Part> {
  try {
    return await load();
  } catch (error) {
    const message = error instanceof Error ? error.message : "";
    const missing = HTML_PACKAGES.find((name) => message.includes(`'${name}'`));
    if ((error as NodeJS.ErrnoException).code !== "ERR_MODULE_NOT_FOUND" || missing === undefined) throw error;
    throw new SpooldiffError(
      "missing-package",
      `Cannot write an html report: the package ${missing} is not installed`,
      {
        hint: `Beside spooldiff: npm install ${HTML_PACKAGES.join(" ")} (with -g where spooldiff is installed so)`,
        cause: error,
      },
    );
  }
}
