/** The published schemas of the JSON reports, applied by a validator of JSON Schema 2020-12 that others wrote. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { Ajv2020, type ValidateFunction } from "ajv/dist/2020.js";

/** A command with a JSON report. */
export type SchemaName = "compare" | "inspect" | "trend";

type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

/** The schema as it is published. */
export function publishedSchema(name: SchemaName): Readonly<Record<string, Json>> {
  const file = new URL(`../../src/report/schema/${name}.schema.json`, import.meta.url);
  return JSON.parse(readFileSync(file, "utf8")) as Record<string, Json>;
}

const compiled = new Map<string, ValidateFunction>();

/**
 * Fails for a line that the schema of a command does not take. The schema lets readers pass over fields that they do
 * not know; here a field that it does not document fails too.
 */
export function assertLines(name: SchemaName, lines: readonly Readonly<Record<string, unknown>>[]): void {
  assert.ok(lines.length > 0);
  for (const [kind, schema] of [
    ["published", publishedSchema(name)],
    ["closed", closed(publishedSchema(name))],
  ] as const) {
    const key = `${kind} ${name}`;
    const validate =
      compiled.get(key) ?? new Ajv2020({ strict: true, allowUnionTypes: true }).compile(schema as object);
    compiled.set(key, validate);
    for (const line of lines) {
      const valid: boolean = validate(line);
      if (valid) continue;
      const type = (validate.errors ?? []).filter(({ schemaPath }) => schemaPath.includes(`/${line.type}/`));
      assert.fail(`${key}: ${JSON.stringify(type, null, 1)} in ${JSON.stringify(line).slice(0, 2000)}`);
    }
  }
}

/** The schema with no room in any object for what it does not name. */
function closed(schema: Json): Json {
  if (Array.isArray(schema)) return schema.map(closed);
  if (typeof schema !== "object" || schema === null) return schema;
  const inner = Object.fromEntries(Object.entries(schema).map(([key, value]) => [key, closed(value)]));
  const isObject = "required" in schema && "properties" in schema;
  return isObject && !("additionalProperties" in schema) ? { ...inner, additionalProperties: false } : inner;
}
