/** Both ways of asking a pair of manifests for items that differ give the same. */
import assert from "node:assert/strict";
import { it } from "node:test";
import type { ItemPair } from "../../src/mail/scan-facts.ts";
import { StoredManifestPair } from "../../src/manifest/pair.ts";
import { unpackFixture } from "../support/fixtures.ts";
import { scanConf } from "../support/pipeline.ts";

it("differingItemsOf() each pair of mailboxes gives what differingItems() gives of it", async () => {
  const fixture = unpackFixture("c-damaged-legacy");
  const manifests = await Promise.all(
    ["primary", "replica"].map((side) =>
      scanConf(`${fixture.root}/${side}/imapd.conf`, `${fixture.root}/${side}.db`, { level: "index" }),
    ),
  );
  const pair = StoredManifestPair.open(manifests[0] ?? "", manifests[1] ?? "");
  try {
    const all = [...pair.differingItems()];
    const ofMailbox = ({ primary, replica }: ItemPair, ids: { primary: number; replica: number }) =>
      primary?.mailboxId === ids.primary || replica?.mailboxId === ids.replica;
    let found = 0;
    for (const ids of [...pair.differingPairs(), ...pair.equalPairs()]) {
      const items = [...pair.differingItemsOf(ids.primary, ids.replica)];
      found += items.length;
      assert.deepEqual(
        items,
        all.filter((item) => ofMailbox(item, ids)),
      );
    }
    assert.ok(found >= 2, "another user's seen state and an annotation differ in this fixture");
  } finally {
    pair.close();
    fixture.cleanup();
  }
});
