import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { RepeatedLooks } from "../../src/scan/again/repeated-looks.ts";
import type { Elsewhere } from "../../src/scan/again/second-looks.ts";

describe("RepeatedLooks", () => {
  it("says that one which several lists had at one place stands, a corrupt one after more looks", () => {
    assert.deepEqual(verdicts(["directory-missing"], 4), ["look-again", "look-again", "stands", "stands"]);
    assert.equal(verdicts(["header-corrupt"], 9).indexOf("stands"), 5);
  });

  it("looks again at one that was another mailbox each time, and gives up at last", () => {
    const seen = verdicts(["directory-missing", "header-corrupt"], 25, (look) => `life-${look}`);
    assert.deepEqual(new Set(seen.slice(0, 19)), new Set(["look-again"]));
    assert.deepEqual(new Set(seen.slice(19)), new Set(["remade"]));
  });

  it("counts a mailbox that has moved as another one", () => {
    const looks = new RepeatedLooks([entry("directory-missing", "a", "/spool/a")]);
    for (const place of ["/spool/b", "/spool/c", "/spool/d"]) looks.add([entry("directory-missing", "a", place)]);
    assert.equal(looks.verdictOn(entry("directory-missing", "a", "/spool/d")), "look-again");
    looks.add([entry("directory-missing", "a", "/spool/d")]);
    assert.equal(looks.verdictOn(entry("directory-missing", "a", "/spool/d")), "stands");
  });

  it("waits between two looks", () => {
    const looks = new RepeatedLooks([]);
    const waits = Array.from({ length: 7 }, () => {
      looks.add([]);
      return looks.waitMs;
    });
    assert.ok(
      waits.every((ms) => ms >= 500 && ms <= 1500),
      waits.join(),
    );
  });
});

type Status = Elsewhere["outcome"]["status"];

/** What is said after each of `rounds` rounds of looks that did not find the mailbox, its statuses in turn. */
function verdicts(statuses: readonly Status[], rounds: number, idAt: (look: number) => string = () => "one"): string[] {
  const at = (look: number) => entry(statuses[look % statuses.length] ?? "directory-missing", idAt(look), "/spool/a");
  const looks = new RepeatedLooks([at(0)]);
  return Array.from({ length: rounds }, (_, round) => {
    const missing = at(round + 1);
    looks.add([missing]);
    return looks.verdictOn(missing);
  });
}

function entry(status: Status, uniqueId: string, place: string): Elsewhere {
  const ref = { uniqueId, indexFile: `${place}/cyrus.index` };
  return { item: { ref }, outcome: { kind: "elsewhere", status, found: "" } } as unknown as Elsewhere;
}
