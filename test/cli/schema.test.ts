/** JSON of the compiled program under the schemas that ship with it; output.test.ts has a damaged pair for them too. */
import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite, test } from "node:test";
import { writeDemoSpools } from "../../src/demo/spools.ts";
import { jsonLines, spooldiff } from "../support/command-line.ts";
import { assertLines, publishedSchema } from "../support/json-schema.ts";

async function linesOf(words: readonly string[]): Promise<ReturnType<typeof jsonLines>> {
  const { status, stdout, stderr } = await spooldiff([...words, "--format", "json"]);
  assert.ok(status !== 2, stderr);
  return jsonLines(stdout);
}

suite("JSON reports", () => {
  test("come with their schemas, which a program can import from the package", () => {
    const { resolve } = createRequire(import.meta.url);
    for (const name of ["compare", "inspect", "trend"] as const) {
      const shipped: unknown = JSON.parse(readFileSync(resolve(`spooldiff/schema/${name}.schema.json`), "utf8"));
      assert.deepEqual(shipped, publishedSchema(name));
    }
  });

  test("of the demo have no line and no field that their schema does not document", async () => {
    const folder = mkdtempSync(join(tmpdir(), "spooldiff-schema-"));
    try {
      const { primaryConf, replicaConf } = writeDemoSpools(folder);
      const [primary, replica] = [join(folder, "mx1.db"), join(folder, "mx2.db")];
      assert.equal((await spooldiff(["scan", "-C", replicaConf, "-o", replica])).status, 0);
      assert.equal((await spooldiff(["scan", "-C", primaryConf, "--after", replica, "-o", primary])).status, 0);
      assertLines("compare", await linesOf(["compare", primary, replica, "--all"]));
      assertLines("inspect", await linesOf(["inspect", replica, "--messages"]));
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
