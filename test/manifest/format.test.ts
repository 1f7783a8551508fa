/** The format as a contract: its schema, and manifests of every format version, which must stay readable. */
import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { APPLICATION_ID, FORMAT, knownSchema } from "../../src/manifest/format.ts";
import { ManifestReader } from "../../src/manifest/reader.ts";
import { verifyManifest } from "../../src/manifest/verify.ts";
import { assertGolden } from "../support/golden.ts";
import { compareFiles, inspectFile } from "../support/pipeline.ts";

const MANIFESTS = join(import.meta.dirname, "../fixtures/manifests");

describe("knownSchema()", () => {
  it("is the one that was published: another one needs another format number", () => {
    const objects = knownSchema().map(({ type, name, table, sql }) => `-- ${type} ${name} on ${table}\n${sql ?? ""}\n`);
    assertGolden("schema.sql", `-- application_id ${APPLICATION_ID}, user_version ${FORMAT}\n\n${objects.join("\n")}`);
  });
});

describe("manifests of earlier versions", () => {
  it("are kept for every format that is read", () => {
    assert.deepEqual(
      readdirSync(MANIFESTS),
      Array.from({ length: FORMAT }, (_, i) => `v${i + 1}`),
    );
  });

  for (const version of readdirSync(MANIFESTS)) {
    const path = (name: string) => join(MANIFESTS, version, `${name}.db`);

    it(`${version} still verify`, () => {
      for (const name of ["primary", "replica"]) {
        const reader = ManifestReader.open(path(name));
        try {
          const totals = { mailboxes: 38, messages: 128, expunged: 3, withoutStats: false };
          assert.deepEqual(verifyManifest(reader), totals);
          assert.equal(reader.facts.host, name === "primary" ? "mx1" : "mx2");
          assert.equal(reader.facts.level, "full");
        } finally {
          reader.close();
        }
        assert.deepEqual(inspectFile(path(name)), { verdict: "in-sync", variances: [] });
      }
    });

    it(`${version} still compare`, () => {
      const { summary, variances } = compareFiles(path("primary"), path("replica"));
      assert.deepEqual(variances, []);
      assert.equal(summary.verdict, "in-sync");
      assert.equal(summary.counts.messages.compared, 128);
    });
  }
});
