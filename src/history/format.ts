import { readFileSync } from "node:fs";
import { type SchemaObject, schemaOfScript } from "../sqlite/database.ts";

/** "spst": says that an SQLite file is a state file. */
export const APPLICATION_ID = 1936749428;

/** Version of the schema. A change to `schema.sql` raises it, and adds to {@link MIGRATIONS}. */
export const FORMAT = 1;

/** By version, the SQL that makes a file of that version one of the next. `user_version` is set by the caller. */
export const MIGRATIONS: ReadonlyMap<number, string> = new Map();

/** The text of the schema, which is also the format's documentation. */
export function schemaText(): string {
  return readFileSync(new URL("./schema.sql", import.meta.url), "utf8");
}

/** The objects that a state file of {@link FORMAT} has, exactly. */
export function knownSchema(): SchemaObject[] {
  return schemaOfScript(schemaText());
}
