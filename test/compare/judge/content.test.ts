/** Two files of one message that each agree with their own index as far as anybody looked. Design §3.5. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { judgeContent } from "../../../src/compare/judge/content.ts";
import type { FileReading, Message } from "../../../src/mail/message.ts";
import { ALL_FIELDS, guid, message } from "../records.ts";

const DIGEST = (byte: number) => new Uint8Array(16).fill(byte);
const XXH = (byte: number) => new Uint8Array(8).fill(byte);
const GOOD: FileReading = { problem: null, sizeBytes: 100n, md5: DIGEST(1), sha1: guid(1), xxh64: XXH(1) };
const QUICK: FileReading = { ...GOOD, md5: null, sha1: null };

function judged(
  primary: Partial<FileReading>,
  replica: Partial<FileReading>,
  over: Partial<Message> = {},
  fields = ALL_FIELDS,
) {
  const of = (file: Partial<FileReading>) => message({ ...over, file: { ...GOOD, ...file } });
  const judgement = judgeContent(of(primary), of(replica), fields);
  return judgement === null ? null : Object.values(judgement).join(" ");
}

const UNKNOWN = "file-content-differs diverged unknown contents-differ";

describe("judgeContent()", () => {
  it("says nothing of files that agree, or that one side did not look at", () => {
    assert.equal(judged({}, {}), null);
    assert.equal(judged({}, { md5: null, xxh64: null, sizeBytes: null }), null);
    assert.equal(judged({ md5: null, xxh64: null, sizeBytes: null }, {}), null);
  });

  it("blames the file that is not the one of the GUID where the other is proved to be", () => {
    const spoilt = { ...QUICK, xxh64: XXH(9) };
    assert.equal(judged({}, spoilt), "file-corrupt damaged replica partner-proves");
    assert.equal(judged(spoilt, {}), "file-corrupt damaged primary partner-proves");
  });

  it("blames neither where neither is proved, or the records name two messages", () => {
    assert.equal(judged(QUICK, { ...QUICK, xxh64: XXH(9) }), UNKNOWN);
    assert.equal(judged({}, { xxh64: XXH(9) }, { guid: null }), UNKNOWN);
    const p = message({ file: GOOD });
    for (const other of [guid(2), null]) {
      const r = message({ guid: other, file: { ...QUICK, xxh64: XXH(9) } });
      assert.equal(judgeContent(p, r, ALL_FIELDS)?.class, "file-content-differs");
      assert.equal(judgeContent(r, p, ALL_FIELDS)?.class, "file-content-differs");
    }
  });

  it("looks at size, MD5 and xxHash64, each only where both sides can be held against each other", () => {
    for (const [field, other] of [
      ["fileSize", { sizeBytes: 99n }],
      ["md5", { md5: DIGEST(2) }],
      ["xxh64", { xxh64: XXH(2) }],
    ] as const) {
      const none = { guid: null };
      assert.equal(judged({}, other, none), UNKNOWN, field);
      assert.equal(judged({}, other, none, { ...ALL_FIELDS, [field]: false }), null, field);
      const absent = Object.fromEntries(Object.keys(other).map((name) => [name, null]));
      assert.equal(judged(absent, other, none), null, field);
      assert.equal(judged(other, absent, none), null, field);
    }
  });
});
