import { readFileSync } from "node:fs";
import { type SchemaObject, schemaOfScript } from "../sqlite/database.ts";

/** "spst": says that an SQLite file is a state file. */
export const APPLICATION_ID = 1936749428;

/**
 * Version of the schema. A change to `schema.sql` raises it, keeps the text as it was under the name `schema-N.sql`, and
 * adds `migration-N.sql`, which makes a file of version N one of the next.
 */
export const FORMAT = 2;

/** The text of the schema, which is also the format's documentation. */
export function schemaText(version: number = FORMAT): string {
  return textOf(version === FORMAT ? "schema.sql" : `schema-${version}.sql`);
}

/** The objects that a state file of this version has, exactly; null for a version that never was. */
export function knownSchema(version: number): readonly SchemaObject[] | null {
  if (!(version >= 1 && version <= FORMAT)) return null;
  const objects = schemas.get(version) ?? schemaOfScript(schemaText(version));
  schemas.set(version, objects);
  return objects;
}

const schemas = new Map<number, readonly SchemaObject[]>();

/** The SQL that makes a file of this version one of the next; `user_version` is set by the caller. Null: there is none. */
export function migrationFrom(version: number): string | null {
  return version >= 1 && version < FORMAT ? textOf(`migration-${version}.sql`) : null;
}

function textOf(name: string): string {
  return readFileSync(new URL(`./${name}`, import.meta.url), "utf8");
}
