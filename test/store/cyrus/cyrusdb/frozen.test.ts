/** Files that Cyrus' own programs wrote, beside what `cyr_dbtool` says is in them. */
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { detectDatabaseKind } from "../../../../src/store/cyrus/cyrusdb/detect.ts";
import { readDatabase } from "../../../../src/store/cyrus/cyrusdb/read-database.ts";

const FOLDER = fileURLToPath(new URL("../../../fixtures/cyrusdb/", import.meta.url));
const files = readdirSync(FOLDER);

describe("readDatabase()", () => {
  for (const expected of files.filter((file) => file.endsWith(".expected.json"))) {
    const name = expected.slice(0, -".expected.json".length);
    it(`reads ${name} as cyr_dbtool shows it, in every back end`, async () => {
      const entries: unknown = JSON.parse(readFileSync(FOLDER + expected, "utf8"));
      const databases = files.filter((file) => file.startsWith(`${name}.`) && file !== expected);
      assert.ok(databases.length >= 2, databases.join());
      for (const file of databases) {
        assert.equal(detectDatabaseKind(readFileSync(FOLDER + file)), file.slice(name.length + 1));
        assert.deepEqual((await readDatabase(FOLDER + file)).entries, entries, file);
      }
    });
  }
});
