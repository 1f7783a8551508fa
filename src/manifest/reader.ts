/** Opens manifests, which are not to be trusted, and reads what they hold. */
import { ManifestError } from "../errors.ts";
import type { Value } from "../mail/canonical-digest.ts";
import type { ScanFacts } from "../mail/scan-facts.ts";
import {
  attachUntrusted,
  type Database,
  guard,
  identityOf,
  openUntrusted,
  type SchemaObject,
  schemaOf,
} from "../sqlite/database.ts";
import { CheckedRow } from "./checked-row.ts";
import { APPLICATION_ID, FORMAT, knownSchema } from "./format.ts";
import { ManifestRows, type SchemaName } from "./manifest-rows.ts";
import * as rows from "./rows.ts";
import { rootOf, type SealRow } from "./seal.ts";
import * as sql from "./statements.ts";

/** One manifest, opened, its schema and root checked. Every method throws {@link ManifestError} for a bad value. */
export class ManifestReader extends ManifestRows {
  readonly facts: ScanFacts;
  readonly seal: readonly SealRow[];

  /** Opens the manifest at `path`. */
  static open(path: string): ManifestReader {
    const db = openUntrusted(path);
    try {
      return new ManifestReader(db, "main", path);
    } catch (error) {
      db.close();
      throw error;
    }
  }

  /** Opens a second manifest on the connection of the first, so that the two can be joined. */
  static attach(first: ManifestReader, path: string): ManifestReader {
    attachUntrusted(first.db, path);
    return new ManifestReader(first.db, "other", path);
  }

  private constructor(db: Database, schema: SchemaName, path: string) {
    super(db, schema, path);
    guard(path, () => checkSchema(db, schema, path));
    const { facts, values, root } = this.#readManifestRow();
    this.facts = facts;
    this.seal = this.#readSeal();
    if (root === null || Buffer.compare(rootOf(values, this.seal), root) !== 0) {
      throw new ManifestError(`Cannot use "${path}": its seal does not match its contents`, {
        hint: "The file was damaged or altered: copy it again from the host that wrote it",
      });
    }
  }

  close(): void {
    this.db.close();
  }

  #readManifestRow(): { facts: ScanFacts; values: Value[]; root: Uint8Array | null } {
    const found = guard(this.path, () => this.db.prepare(sql.selectManifest(this.schema)).raw().safeIntegers().all());
    const values = found[0] as Value[] | undefined;
    if (values === undefined || found.length !== 1) {
      throw new ManifestError(`Cannot use "${this.path}": it describes ${found.length} scans instead of one`, {
        hint: "The scan that wrote it did not finish: scan again",
      });
    }
    const { facts, root } = rows.scanFacts(new CheckedRow(this.path, sql.MANIFEST_COLUMNS, values));
    return { facts, values: values.slice(0, -1), root };
  }

  #readSeal(): SealRow[] {
    return this.all(sql.selectSeal(this.schema), ["name", "rows", "digest"], (row) => {
      const name = row.text();
      const count = row.bigInteger();
      return { name, rows: count, digest: Buffer.from(row.bytesOrNull(32) ?? []) };
    });
  }
}

/** Before any table is touched: a view of the same name over an endless query would hang the reader. */
function checkSchema(db: Database, schema: SchemaName, path: string): void {
  const { applicationId, userVersion } = identityOf(db, schema);
  if (applicationId !== APPLICATION_ID) {
    throw new ManifestError(`Cannot read "${path}": it is an SQLite database, but not a manifest of spooldiff`, {
      hint: "Give the path of a file that spooldiff scan wrote",
    });
  }
  if (userVersion !== FORMAT) {
    const known = `this program reads format ${FORMAT}`;
    throw new ManifestError(`Cannot read "${path}": it has manifest format ${userVersion}, ${known}`, {
      hint: userVersion > FORMAT ? "Use a newer spooldiff here, as on the host that scanned" : "Scan again",
    });
  }
  const stranger = firstDifference(schemaOf(db, schema), knownSchema());
  if (stranger !== null) {
    throw new ManifestError(`Cannot read "${path}": its schema is not that of a manifest: ${stranger}`, {
      hint: "The file was altered: copy it again from the host that wrote it",
    });
  }
}

function firstDifference(found: readonly SchemaObject[], expected: readonly SchemaObject[]): string | null {
  const key = (o: SchemaObject) => JSON.stringify([o.type, o.name, o.table, o.sql]);
  const wanted = new Set(expected.map(key));
  for (const object of found) {
    if (!wanted.delete(key(object))) return `unexpected ${object.type} ${JSON.stringify(object.name.slice(0, 60))}`;
  }
  return wanted.size === 0 ? null : `${wanted.size} of its tables or indexes are missing`;
}
