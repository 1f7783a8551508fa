/** JSON of the compiled program, of spools that real servers wrote, under the schemas that ship with it. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { suite, test } from "node:test";
import { jsonLines, spooldiff } from "../support/command-line.ts";
import { assertLines, publishedSchema, type SchemaName } from "../support/json-schema.ts";
import { scanFixture } from "../support/scanned-fixture.ts";

suite("JSON reports", () => {
  test("come with their schemas, which a program can import from the package", () => {
    const { resolve } = createRequire(import.meta.url);
    for (const name of ["compare", "inspect", "trend"] as const) {
      const shipped: unknown = JSON.parse(readFileSync(resolve(`spooldiff/schema/${name}.schema.json`), "utf8"));
      assert.deepEqual(shipped, publishedSchema(name));
    }
  });

  for (const fixture of ["c-damaged-legacy", "b-uuid-insync"] as const) {
    test(`of ${fixture} have no line and no field that their schema does not document`, async () => {
      const pair = await scanFixture(fixture);
      try {
        const state = join(pair.folder, "pair.db");
        const runs: readonly (readonly [SchemaName, readonly string[]])[] = [
          ["compare", ["compare", pair.primary, pair.replica, "--all", "--state", state]],
          ["inspect", ["inspect", pair.primary, "--all", "--messages"]],
          ["inspect", ["inspect", pair.replica, "--all"]],
          ["trend", ["trend", state]],
        ];
        for (const [schema, words] of runs) {
          const { status, stdout, stderr } = await spooldiff([...words, "--format", "json"]);
          assert.ok(status !== 2, stderr);
          assertLines(schema, jsonLines(stdout));
        }
      } finally {
        pair.cleanup();
      }
    });
  }
});
