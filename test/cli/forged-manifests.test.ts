/** Manifests that are not what a scan wrote: every command that reads one refuses it, and says what was found. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { after, before, suite, test } from "node:test";
import { spooldiff } from "../support/command-line.ts";
import { assertRefused } from "../support/refusal.ts";
import { type ScannedFixture, scanFixture } from "../support/scanned-fixture.ts";

interface Forgery {
  readonly what: string;
  /** Changes the copy of a manifest at `path`. */
  readonly forge: (path: string) => void;
  readonly says: RegExp;
}

/** Changes a manifest with SQL, as anyone can who has the file. */
function sql(...statements: readonly string[]): (path: string) => void {
  return (path) => {
    const db = new DatabaseSync(path);
    for (const statement of ["PRAGMA ignore_check_constraints = ON", "PRAGMA foreign_keys = OFF", ...statements]) {
      db.exec(statement);
    }
    db.close();
  };
}

const ENDLESS = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT";

const FORGERIES: readonly Forgery[] = [
  { what: "gone", forge: (path) => rmSync(path), says: /no such file/ },
  { what: "an empty file", forge: (path) => writeFileSync(path, ""), says: /not an SQLite database/ },
  { what: "garbage", forge: (path) => writeFileSync(path, Buffer.alloc(9000, 0xa5)), says: /not an SQLite database/ },
  {
    what: "a text file",
    forge: (path) => writeFileSync(path, "name: mx1\n".repeat(99)),
    says: /not an SQLite database/,
  },
  {
    what: "a directory",
    forge: (path) => {
      rmSync(path);
      mkdirSync(path);
    },
    says: /not a regular file/,
  },
  {
    what: "a FIFO",
    forge: (path) => {
      rmSync(path);
      execFileSync("mkfifo", [path]);
    },
    says: /not a regular file/,
  },
  { what: "cut in half", forge: (path) => truncateSync(path, half(path)), says: /should have \d+ bytes and has \d+/ },
  { what: "cut by one byte", forge: (path) => truncateSync(path, statSync(path).size - 1), says: /and has \d+/ },
  { what: "longer than it was", forge: (path) => writeFileSync(path, "x", { flag: "a" }), says: /and has \d+/ },
  { what: "half copied into a file of the full size", forge: zeroSecondHalf, says: /Cannot (read|use) "/ },
  { what: "with a -wal beside it", forge: (path) => writeFileSync(`${path}-wal`, ""), says: /-wal" lies beside it/ },
  { what: "with a -journal beside it", forge: (path) => writeFileSync(`${path}-journal`, ""), says: /-journal" lies/ },
  { what: "of a newer format", forge: sql("PRAGMA user_version = 99"), says: /format 99, this program reads format 1/ },
  { what: "of another program", forge: sql("PRAGMA application_id = 7"), says: /not a manifest of spooldiff/ },
  { what: "with an extra view", forge: sql("CREATE VIEW more AS SELECT 1"), says: /unexpected view "more"/ },
  { what: "with an extra table", forge: sql("CREATE TABLE more (x)"), says: /unexpected table "more"/ },
  {
    what: "with an extra trigger",
    forge: sql("CREATE TRIGGER t AFTER INSERT ON item BEGIN SELECT 1; END"),
    says: /unexpected trigger "t"/,
  },
  { what: "without one of its tables", forge: sql("DROP TABLE pending"), says: /tables or indexes are missing/ },
  {
    what: "with an endless view in the place of a table",
    forge: sql("DROP TABLE message", `CREATE VIEW message AS ${ENDLESS} i AS mailbox, i AS uid FROM n`),
    says: /unexpected view "message"/,
  },
  {
    what: "with a view of which the name would write to a terminal",
    forge: sql('CREATE VIEW "\u001b[31mred" AS SELECT 1'),
    says: /unexpected view/,
  },
  { what: "with two first rows", forge: sql(twoRows()), says: /describes 2 scans instead of one/ },
  { what: "with no first row", forge: sql("DELETE FROM manifest"), says: /describes 0 scans instead of one/ },
  { what: "with the other role", forge: sql("UPDATE manifest SET role = 'primary'"), says: /seal does not match/ },
  { what: "with a count out of range", forge: sql("UPDATE manifest SET mailboxes = -1"), says: /mailboxes/ },
  { what: "with an edited mailbox", forge: sql("UPDATE mailbox SET unseen = 9 WHERE id = 3"), says: /table mailbox/ },
  {
    what: "with a mailbox of no status",
    forge: sql("UPDATE mailbox SET status = 'fine' WHERE id = 3"),
    says: /status|mailbox/,
  },
  { what: "without one mailbox", forge: sql("DELETE FROM mailbox WHERE id = 3"), says: /table mailbox/ },
  {
    what: "with one right more",
    forge: sql("INSERT INTO item VALUES ('acl', 1, x'', x'61', x'6c', NULL, NULL)"),
    says: /table item/,
  },
  { what: "in WAL mode", forge: sql("PRAGMA journal_mode = WAL"), says: /WAL mode/ },
];

/** Message rows are checked where they are used: by verify in any case, by compare where the mailboxes differ. */
const EDITED_ROWS: readonly Forgery[] = [
  {
    what: "with an edited flag",
    forge: inBobsSent("SET flags = x'5c7365656e'"),
    says: /rows of mailbox "user.bob.Sent"/,
  },
  {
    what: "with an edited GUID",
    forge: inBobsSent("SET guid = zeroblob(20)"),
    says: /rows of mailbox "user.bob.Sent"/,
  },
  {
    what: "with an edited digest",
    forge: inBobsSent("SET md5 = zeroblob(16)"),
    says: /rows of mailbox "user.bob.Sent"/,
  },
  {
    what: "with a message of another UID",
    forge: inBobsSent("SET uid = uid + 100"),
    says: /rows of mailbox "user.bob.Sent"/,
  },
  { what: "with a negative size", forge: inBobsSent("SET size = -1"), says: /size/ },
];

function twoRows(): string {
  return "CREATE TEMP TABLE m AS SELECT * FROM manifest; UPDATE m SET id = 'z' || substr(id, 2); INSERT INTO manifest SELECT * FROM m";
}

function inBobsSent(change: string): (path: string) => void {
  return sql(
    `UPDATE message ${change} WHERE mailbox = (SELECT id FROM mailbox WHERE CAST(name AS TEXT) = 'user.bob.Sent')
       AND uid = (SELECT max(uid) FROM message WHERE mailbox =
         (SELECT id FROM mailbox WHERE CAST(name AS TEXT) = 'user.bob.Sent'))`,
  );
}

function half(path: string): number {
  return statSync(path).size >> 1;
}

/** What a copy leaves that reserved its space first and then broke off. */
function zeroSecondHalf(path: string): void {
  writeFileSync(path, readFileSync(path).fill(0, half(path)));
}

suite("a manifest", () => {
  let pair: ScannedFixture;
  let serial = 0;
  before(async () => {
    pair = await scanFixture("c-damaged-legacy");
  });
  after(() => pair.cleanup());

  function forged({ forge }: Forgery): string {
    const path = join(pair.folder, `forged-${++serial}.db`);
    copyFileSync(pair.replica, path);
    forge(path);
    return path;
  }

  for (const [number, forgery] of FORGERIES.entries()) {
    const asReplica = number % 2 === 0;
    test(`${forgery.what} is refused by verify, and by compare as ${asReplica ? "replica" : "primary"}`, async () => {
      const path = forged(forgery);
      await Promise.all([
        assertRefused(["verify", path], forgery.says),
        assertRefused(["compare", ...(asReplica ? [pair.primary, path] : [path, pair.replica])], forgery.says),
      ]);
    });
  }

  test("that a copy left half empty is refused by inspect", async () => {
    const path = forged({ what: "", forge: zeroSecondHalf, says: /./ });
    await assertRefused(["inspect", path], /Cannot (read|use) "/);
  });

  for (const forgery of EDITED_ROWS) {
    test(`${forgery.what} is refused by verify, and by compare, which uses that row`, async () => {
      const path = forged(forgery);
      await Promise.all([
        assertRefused(["verify", path], forgery.says),
        assertRefused(["inspect", "--messages", path], forgery.says),
        assertRefused(["inspect", "--md5sum", path], forgery.says),
        assertRefused(["compare", pair.primary, path], forgery.says),
      ]);
    });
  }

  test("is refused as the other side of itself", async () => {
    await assertRefused(["compare", pair.primary, pair.primary], /they are the same manifest/);
  });

  test("is refused as the other side of its own copy", async () => {
    const copy = join(pair.folder, "copy.db");
    copyFileSync(pair.primary, copy);
    await assertRefused(["compare", pair.primary, copy], /they are the same manifest/);
  });

  test("is refused in the place that contradicts its --role", async () => {
    await assertRefused(["compare", pair.replica, pair.primary], /as the primary: it was scanned with --role replica/);
  });

  test("in WAL mode is refused before SQLite makes files beside it", async () => {
    const path = forged({ what: "", forge: sql("PRAGMA journal_mode = WAL"), says: /./ });
    for (const words of [
      ["inspect", path],
      ["compare", path, pair.replica],
      ["compare", pair.primary, path],
    ]) {
      await assertRefused(words, /WAL mode/);
    }
    assert.deepEqual([existsSync(`${path}-wal`), existsSync(`${path}-shm`)], [false, false]);
  });

  test("is not changed by being read", async () => {
    const before = readFileSync(pair.replica);
    await spooldiff(["compare", pair.primary, pair.replica]);
    await spooldiff(["verify", pair.replica]);
    assert.ok(before.equals(readFileSync(pair.replica)));
  });
});
