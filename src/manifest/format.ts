import { readFileSync } from "node:fs";
import { type SchemaObject, schemaOfScript } from "../sqlite/database.ts";

/** "spld": says that an SQLite file is a manifest. */
export const APPLICATION_ID = 1936747620;

/** Version of the schema. A change to `schema.sql` raises it. */
export const FORMAT = 1;

/** The text of the schema, which is also the format's documentation. */
function schemaText(): string {
  return readFileSync(new URL("./schema.sql", import.meta.url), "utf8");
}

let known: SchemaObject[] | null = null;

/** The objects that a manifest of {@link FORMAT} has, exactly. */
export function knownSchema(): SchemaObject[] {
  known ??= schemaOfScript(schemaText());
  return known;
}

/** The text of the schema of a manifest that is being built. */
export function partialSchemaText(): string {
  return schemaText() + readFileSync(new URL("./partial.sql", import.meta.url), "utf8");
}
