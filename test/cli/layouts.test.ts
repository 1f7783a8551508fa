/** The compiled program on pairs of which each side lies on disk in a layout of its own. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { describe, it } from "node:test";
import fc from "fast-check";
import { spooldiff } from "../support/command-line.ts";
import { chosenSeed } from "../support/random.ts";
import { layoutOf } from "../support/spool/layout-arbitrary.ts";
import { pairOf } from "../support/spool/model.ts";
import { inFolder } from "../support/spool/scan-pair.ts";
import { storeOf } from "../support/spool/store-arbitrary.ts";
import { writeSpool } from "../support/spool/write-spool.ts";

const SEED = chosenSeed();

const samples = fc.sample(
  fc.record({
    store: storeOf({ domains: true }),
    primary: layoutOf(["2.4", "3.4", "3.6"], { domains: true }),
    replica: layoutOf(["2.4", "3.4", "3.6"], { domains: true }),
  }),
  { numRuns: 3, seed: SEED },
);

async function scan(folder: string, name: string, conf: string): Promise<string> {
  const manifest = join(folder, `${name}.db`);
  const { status, stderr } = await spooldiff(["scan", "-C", conf, "-o", manifest, "--host", name, "--quiet"]);
  assert.equal(status, 0, stderr);
  return manifest;
}

describe(`spooldiff scan and compare of two layouts (seed ${SEED})`, () => {
  for (const [i, { store, ...layouts }] of samples.entries()) {
    it(`exit with 0 for a pair in sync, with 1 when one byte of it is changed (${i})`, async () => {
      await inFolder(async (folder) => {
        const pair = pairOf(store);
        const replica = await scan(folder, "mx2", writeSpool(join(folder, "r"), pair.replica, layouts.replica));
        const primary = await scan(folder, "mx1", writeSpool(join(folder, "p"), pair.primary, layouts.primary));
        const same = await spooldiff(["compare", primary, replica]);
        assert.equal(same.status, 0, `${JSON.stringify(layouts)}\n${same.stdout}${same.stderr}`);
        const [message] = pair.replica.mailboxes[0]?.messages ?? [];
        assert.ok(message !== undefined);
        message.file = message.body.replace("S", "s");
        const damaged = await scan(folder, "mx3", writeSpool(join(folder, "d"), pair.replica, layouts.replica));
        const other = await spooldiff(["compare", primary, damaged]);
        assert.equal(other.status, 1, `${JSON.stringify(layouts)}\n${other.stdout}${other.stderr}`);
        assert.match(other.stdout, /file-corrupt/);
      });
    });
  }
});
