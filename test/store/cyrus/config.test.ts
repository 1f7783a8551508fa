import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, it } from "node:test";
import fc from "fast-check";
import { ConfigurationError } from "../../../src/errors.ts";
import { loadCyrusConfig } from "../../../src/store/cyrus/config.ts";
import { readImapdConf } from "../../../src/store/cyrus/imapd-conf.ts";

const folder = mkdtempSync(join(tmpdir(), "spooldiff-config-"));
after(() => rmSync(folder, { recursive: true }));

/** Writes files by name and returns the path of `imapd.conf`. */
function write(files: Record<string, string>): string {
  const directory = mkdtempSync(join(folder, "conf-"));
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(join(directory, name, ".."), { recursive: true });
    writeFileSync(join(directory, name), text, "latin1");
  }
  return join(directory, "imapd.conf");
}

const load = (configFile: string) => loadCyrusConfig({ configFile, partitions: [], configDirectory: null });
const ROOTS = "configdirectory: /var/imap\npartition-default: /var/spool\n";

function failsWith(path: string, message: RegExp): void {
  assert.throws(
    () => load(path),
    (error) => {
      assert.ok(error instanceof ConfigurationError, String(error));
      assert.match(error.message, message);
      assert.doesNotMatch(`${error.message} ${error.hint}`, /s3cret/);
      return true;
    },
  );
}

describe("readImapdConf()", () => {
  it("reads keys in any case, comments, white space and joined lines as Cyrus does", () => {
    const text = "# comment \\\nswallowed: x\n  KEY-One:\t a b \t\r\n\nkey_two: one\\\n two\nlast: \xa0\xff: #3";
    const { settings } = readImapdConf(write({ "imapd.conf": text }));
    assert.deepEqual(
      [...settings].map(([key, { value, line }]) => [key, value, line]),
      [
        ["key-one", "a b", 3],
        ["key_two", "one two", 6],
        ["last", "\xa0\xff: #3", 7],
      ],
    );
  });

  it("includes files relative to the one that names them, and lists all", () => {
    const path = write({
      "imapd.conf": "a: 1\n@include: more/one.conf\nd: 4\n",
      "more/one.conf": "b: 2\n@Include: two.conf\n",
      "more/two.conf": "c: 3\n",
    });
    const { settings, files } = readImapdConf(path);
    assert.equal([...settings].map(([key, { value }]) => key + value).join(" "), "a1 b2 c3 d4");
    assert.deepEqual(
      files.map((file) => file.slice(path.length - "imapd.conf".length)),
      ["imapd.conf", "more/one.conf", "more/two.conf"],
    );
  });

  it("includes up to 8 deep and no deeper", () => {
    const chain = (length: number) => {
      const files: Record<string, string> = { "imapd.conf": "@include: 1\n", [`${length}`]: "x: y\n" };
      for (let i = 1; i < length; i++) files[`${i}`] = `@include: ${i + 1}\n`;
      return write(files);
    };
    assert.equal(readImapdConf(chain(8)).settings.get("x")?.value, "y");
    failsWith(chain(9), /nested more than 8 deep/);
  });

  it("never puts a value into an error, whatever the file", () => {
    const line = fc.constantFrom(
      "sasl_password: s3cret",
      "s3cret",
      "@s3cret: x",
      "@include: /s3cret",
      "x: s3cret\\",
      "virtdomains: s3cret",
    );
    fc.assert(
      fc.property(fc.array(line, { minLength: 1, maxLength: 4 }), (lines) => {
        try {
          load(write({ "imapd.conf": `${lines.join("\n")}\n${ROOTS}` }));
        } catch (error) {
          assert.ok(error instanceof ConfigurationError, String(error));
          // The name of an unknown directive is a key.
          if (!lines.includes("@s3cret: x")) assert.doesNotMatch(`${error.message} ${error.hint}`, /s3cret/);
        }
      }),
      { numRuns: 60 },
    );
  });

  const bad: [string, Record<string, string>, RegExp][] = [
    [
      "a cycle of includes",
      { "imapd.conf": "@include: b\n", b: "@include: imapd.conf\n" },
      /line 1 of ".*\/b": the file was read before/,
    ],
    [
      "an include that is not there",
      { "imapd.conf": `${ROOTS}@include: s3cret\n` },
      /included by line 3 of .*no such file/,
    ],
    ["an include of a device", { "imapd.conf": "@include: /dev/zero\n" }, /no regular file/],
    ["a key that is set twice", { "imapd.conf": `${ROOTS}x: s3cret\nX: s3cret\n` }, /"x" of line 4 of .*set by line 3/],
    ["a line without a colon", { "imapd.conf": `${ROOTS}s3cret\n` }, /line 3 of .*no "key: value"/],
    ["a key without a value", { "imapd.conf": "x:  \n" }, /line 1 of .*"x" has no value/],
    ["no configdirectory", { "imapd.conf": "partition-a: /a\n" }, /no "configdirectory"/],
    ["no partition", { "imapd.conf": "configdirectory: /a\nmetapartition-a: /b\n" }, /no "partition-NAME"/],
    [
      "a relative directory",
      { "imapd.conf": "configdirectory: /a\npartition-a: s3cret\n" },
      /"partition-a" of line 2 .*absolute/,
    ],
    [
      "a switch that is none",
      { "imapd.conf": `${ROOTS}hashimapspool: s3cret\n` },
      /"hashimapspool" of line 3 .*neither on nor off/,
    ],
    ["virtual domains of no known kind", { "imapd.conf": `${ROOTS}virtdomains: s3cret\n` }, /"virtdomains" of line 3/],
  ];
  for (const [what, files, message] of bad) it(`refuses ${what}`, () => failsWith(write(files), message));

  it("refuses a file that is not there, and names it", () => {
    failsWith(join(folder, "none.conf"), /none\.conf": there is no such file/);
  });

  it("follows a symbolic link, as administrators use them", () => {
    const link = join(folder, "link.conf");
    symlinkSync(write({ "imapd.conf": ROOTS }), link);
    assert.equal(load(link).configDirectory, "/var/imap");
  });
});

describe("loadCyrusConfig()", () => {
  it("takes the defaults of Cyrus for what is not set", () => {
    const path = write({ "imapd.conf": ROOTS });
    assert.deepEqual(load(path), {
      configDirectory: "/var/imap",
      defaultPartition: null,
      partitions: new Map([
        ["default", { name: "default", spool: "/var/spool", meta: null, archive: null, metaDirectories: new Map() }],
      ]),
      metapartitionFiles: new Set(),
      hashImapSpool: false,
      fullDirHash: false,
      virtDomains: "off",
      defaultDomain: null,
      unixHierarchySep: true,
      deletedPrefix: "DELETED",
      inSql: new Set(),
      mailboxLegacyDirs: false,
      mailboxListPath: "/var/imap/mailboxes.db",
      annotationListPath: "/var/imap/annotations.db",
      quotaListPath: null,
      sieveDirectory: "/usr/sieve",
      files: [path],
    });
  });

  it("knows where items lie", () => {
    const items = (text: string) => {
      const { annotationListPath, quotaListPath, sieveDirectory } = load(write({ "imapd.conf": ROOTS + text }));
      return [annotationListPath, quotaListPath, sieveDirectory];
    };
    const set = "annotation_db_path: /fast/a.db\nquota_db: twoskip\nsievedir: /var/sieve/\n";
    assert.deepEqual(items(set), ["/fast/a.db", "/var/imap/quotas.db", "/var/sieve"]);
    const moved = items("quota_db: skiplist\nquota_db_path: /fast/q.db\nsieveusehomedir: yes\n");
    assert.deepEqual(moved, ["/var/imap/annotations.db", "/fast/q.db", null]);
    assert.equal(items("quota_db: quotalegacy\nquota_db_path: /fast/q.db\n")[1], null);
  });

  it("reads every option that places depend on", () => {
    const config = load(
      write({
        "imapd.conf": `${ROOTS}defaultpartition: Default\npartition-p2: /s2/\nmetapartition-p2: /m2\narchivepartition-p2: /a2//
metadir-index-p2: /i2\nmetapartition_files: header index\tcache\nhashimapspool: on\nfulldirhash: t\nvirtdomains: userid
defaultdomain: example.org\nunixhierarchysep: no\nmailbox_legacy_dirs: 1\nmboxlist_db_path: /fast/list.db\nmboxlist_db: sql\nquota_db: sql\nseenstate_db: flat\n`,
      }),
    );
    assert.deepEqual(config.partitions.get("p2"), {
      name: "p2",
      spool: "/s2",
      meta: "/m2",
      archive: "/a2",
      metaDirectories: new Map([["index", "/i2"]]),
    });
    assert.equal(config.defaultPartition, "default");
    assert.deepEqual([...config.metapartitionFiles], ["header", "index", "cache"]);
    assert.deepEqual([config.hashImapSpool, config.fullDirHash, config.unixHierarchySep], [true, true, false]);
    assert.deepEqual([config.virtDomains, config.defaultDomain], ["userid", "example.org"]);
    assert.deepEqual([config.mailboxLegacyDirs, config.mailboxListPath], [true, "/fast/list.db"]);
    assert.deepEqual([...config.inSql], ["mboxlist_db", "quota_db"]);
  });

  it("takes directories given one by one, and then leaves the hashing open", () => {
    const partitions = [{ name: "p", directory: "/s/" }];
    const config = loadCyrusConfig({ configFile: null, partitions, configDirectory: "/c" });
    assert.equal(config.partitions.get("p")?.spool, "/s");
    assert.deepEqual([config.hashImapSpool, config.fullDirHash], [null, null]);
    assert.equal(config.mailboxListPath, "/c/mailboxes.db");
  });

  for (const [what, config] of [
    ["no config directory", { configFile: null, partitions: [{ name: "p", directory: "/s" }], configDirectory: null }],
    ["no partition", { configFile: null, partitions: [], configDirectory: "/c" }],
    [
      "a partition twice",
      { configFile: null, partitions: [1, 2].map((n) => ({ name: "p", directory: `/${n}` })), configDirectory: "/c" },
    ],
  ] as const) {
    it(`refuses ${what}`, () => assert.throws(() => loadCyrusConfig(config), ConfigurationError));
  }
});
