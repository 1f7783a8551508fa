/** The manual: sound mdoc by mandoc, whole by the table of options and by the schema, and what the build has made. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { suite, test } from "node:test";
import { fileURLToPath } from "node:url";
import { tablesOf } from "../../.build/man/manifest-page.ts";
import { manualPages } from "../../.build/man/pages.ts";
import { buildProgram } from "../../src/cli/program.ts";
import { configurableCommands, keyOf } from "../../src/cli/settings/option-schema.ts";
import { EXIT_CODE_MEANINGS } from "../../src/errors.ts";
import { judgesFor } from "../support/judges.ts";

const PROJECT = new URL("../../", import.meta.url);
const pages = manualPages();

function page(name: string): string {
  return pages.get(name) ?? assert.fail(`there is no page ${name}`);
}

/** The page as a terminal shows it, without what makes letters bold. */
function rendered(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: how a terminal of paper printed bold
  return text.replace(/.\x08/g, "");
}

suite("the manual", () => {
  test("has nothing that mandoc -Tlint objects to", (context) => {
    // Where the pages lie, so that each finds those that it refers to.
    const folder = fileURLToPath(new URL("dist/man", PROJECT));
    const judged = judgesFor(context)?.run("mandoc", ["-Tlint", "-Wstyle", ...pages.keys()], "", folder);
    if (judged === undefined) return;
    assert.equal(`${judged.stdout}${judged.stderr}`, "");
    assert.equal(judged.status, 0);
  });

  for (const [name, text] of pages) {
    test(`${name} fits 80 columns`, (context) => {
      const shown = judgesFor(context)?.run("mandoc", ["-Tutf8"], text).stdout;
      if (shown === undefined) return;
      assert.ok(shown.length > 1000);
      // A word of a table or a command is never broken.
      const wide = rendered(shown)
        .split("\n")
        .filter((line) => line.length > 80 && !/^ {10,}\S+( +\S+)*$/.test(line));
      assert.deepEqual(wide, []);
    });
  }

  test("is what the build has written, and package.json names each page", () => {
    const { man } = JSON.parse(readFileSync(new URL("package.json", PROJECT), "utf8")) as { man: readonly string[] };
    assert.deepEqual([...pages.keys()].map((name) => `dist/man/${name}`).sort(), [...man].sort());
    for (const path of man)
      assert.equal(readFileSync(new URL(path, PROJECT), "utf8"), pages.get(path.slice("dist/man/".length)));
  });

  test("names every command with all of its options, and every exit code", () => {
    const text = page("spooldiff.1");
    const program = buildProgram(() => {});
    for (const command of program.commands) {
      const section = text.split(`.Ss "spooldiff ${command.name()}"\n`)[1]?.split(/^\.S[sh] /m)[0] ?? "";
      for (const { long } of command.options)
        assert.ok(section.includes(`Fl \\${long?.slice(1)}`), `${command.name()} ${long}`);
    }
    for (const { long } of program.options) assert.ok(text.includes(`Fl \\${long?.slice(1)}`), long);
    for (const [code] of EXIT_CODE_MEANINGS) assert.ok(text.includes(`\n.It Sy ${code}\n`), String(code));
  });

  test("names every key of the configuration in the table of its command", () => {
    const text = page("spooldiff.toml.5");
    for (const [command, options] of configurableCommands(buildProgram(() => {}))) {
      const table = text.split(`.Ss Table ${command.name()}\n`)[1]?.split(/^\.S[sh] /m)[0] ?? "";
      for (const option of options)
        assert.ok(table.includes(`.It Sy "${keyOf(option)}"\n`), `${command.name()} ${keyOf(option)}`);
    }
  });

  test("names every table of a manifest with all of its columns, and what is said of each", () => {
    const schema = readFileSync(new URL("src/manifest/schema.sql", PROJECT), "utf8");
    const text = page("spooldiff-manifest.5");
    const names = [...schema.matchAll(/^CREATE TABLE (\w+)/gm)].map((match) => match[1]);
    assert.deepEqual(
      tablesOf(schema).map(({ name }) => name),
      names,
    );
    for (const table of tablesOf(schema)) {
      const body = schema.split(`CREATE TABLE ${table.name} (\n`)[1]?.split(/^\)/m)[0] ?? "";
      const columns = [...body.matchAll(/^ {2}([a-z]\w*) /gm)].map((match) => match[1]);
      const shown = table.lines.flatMap((line) => (typeof line === "string" ? [] : [line[0]]));
      assert.deepEqual(shown, columns, table.name);
      for (const column of shown) assert.ok(text.includes(`.It Va ${column} Pq `), `${table.name}.${column}`);
    }
    assert.ok(text.includes("random; a report names manifests by it\n"));
  });
});
