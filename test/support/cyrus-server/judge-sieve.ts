/** ManageSieve is the judge of what was read of sieve scripts. */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import type { ItemRow } from "./manifest-tables.ts";
import type { CyrusPair, CyrusSide } from "./pair.ts";

/** Asserts that a user's scripts, and which one is active, are what LISTSCRIPTS and GETSCRIPT say. Returns how many. */
export async function judgeScripts(
  pair: CyrusPair,
  side: CyrusSide,
  user: string,
  items: readonly ItemRow[],
): Promise<number> {
  const session = await pair.openSieve(side, user);
  try {
    const { names, active } = await session.list();
    const said: [string, string][] = active === null ? [] : [["active", active]];
    for (const name of names) {
      const source = Buffer.from(await session.source(name), "latin1");
      said.push([`${name}.script`, createHash("sha1").update(source).digest("hex")]);
    }
    const read = items.filter(({ kind, owner }) => kind === "sieve" && owner === user);
    assert.deepEqual(
      read.map(({ key, value }) => [key, value]).toSorted(),
      said.toSorted(),
      `${side} scripts of ${user}`,
    );
    return names.length;
  } finally {
    session.close();
  }
}
