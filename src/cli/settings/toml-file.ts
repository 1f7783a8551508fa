/** TOML files that people write for the program: read, checked against a schema, and every error names line and key. */
import { parse, TomlError } from "smol-toml";
import { type BaseIssue, type GenericSchema, type InferOutput, safeParse } from "valibot";
import { UsageError } from "../../errors.ts";
import { type InputFile, type InputKind, readInputFile } from "../input-file.ts";
import { nearest } from "../nearest.ts";
import { headerLines, type KeyPath, lineOf } from "./toml-lines.ts";

/** A file whose contents are what the schema says. */
export interface TomlFile<T> {
  readonly value: T;
  /** `FILE, line 3`: where the tables of a list are written, in order; `FILE, NAME 3` where no line can be told. */
  places(name: string, count: number): readonly string[];
  /** An error about the value of a key. */
  failure(key: KeyPath, found: string, hint: string): UsageError;
}

/**
 * Reads and checks a file.
 *
 * @param check looks at the file itself, before what is in it
 * @throws {UsageError} that names file, line and key, what was found there and what is allowed
 */
export function readTomlFile<Schema extends GenericSchema>(
  path: string,
  kind: InputKind,
  schema: Schema,
  check: (file: InputFile) => void = () => {},
): TomlFile<InferOutput<Schema>> {
  const file = readInputFile(path, kind);
  check(file);
  const text = decoded(path, file.bytes);
  const places = (name: string, count: number) => {
    const lines = headerLines(text, name);
    const told = lines.length === count;
    return Array.from({ length: count }, (_, i) => `${path}, ${told ? `line ${lines[i]}` : `${name} ${i + 1}`}`);
  };
  const failure = (key: KeyPath, found: string, hint: string) =>
    new UsageError(`Cannot use "${path}"${lineText(text, key)}: ${nameOf(key)}: ${found}`, hint);
  const result = safeParse(schema, tableOf(path, text));
  if (!result.success) throw issueFailure(schema, result.issues, failure);
  return { value: result.output, places, failure };
}

function lineText(text: string, key: KeyPath): string {
  const line = lineOf(text, key);
  return line === null ? "" : ` at line ${line}`;
}

function decoded(path: string, bytes: Buffer): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    const valid = bytes.toString("utf8");
    const line = valid.slice(0, valid.indexOf("\ufffd")).split("\n").length;
    throw new UsageError(
      `Cannot use "${path}" at line ${line}: it is not UTF-8`,
      "Save it as UTF-8; bytes of a name that are none are matched by ?",
    );
  }
}

function tableOf(path: string, text: string): unknown {
  try {
    return parse(text, { unsafeKeyBehaviour: "throw" });
  } catch (error) {
    if (!(error instanceof TomlError)) throw error;
    // The rest of its message is the line itself, drawn over several lines.
    const found = (error.message.split("\n")[0] ?? "").replace(/^Invalid TOML document: /, "");
    throw new UsageError(
      `Cannot use "${path}" at line ${error.line}, column ${error.column}: it is not TOML: ${found}`,
      "A line is  key = value  or  [table]; texts stand in quotes",
    );
  }
}

/** What a schema has against a file; a mistyped key before the one that is missing for it. */
function issueFailure(
  schema: GenericSchema,
  issues: readonly [BaseIssue<unknown>, ...BaseIssue<unknown>[]],
  failure: TomlFile<unknown>["failure"],
): UsageError {
  const unknown = issues.find(({ type, expected }) => type === "strict_object" && expected === "never");
  const issue = unknown ?? issues[0];
  const key = (issue.path ?? []).map((item) => item.key as string | number);
  if (issue === unknown) {
    const known = Object.keys(partOf(schema, key.slice(0, -1)).entries ?? {});
    const near = nearest(String(key.at(-1)), known);
    return failure(key, "there is no such key", near.length > 0 ? meant(near) : `Known here are ${known.join(", ")}`);
  }
  if (issue.input !== undefined) return failure(key, `it is ${shown(issue.input)}`, `Allowed is ${issue.message}`);
  return failure(key, "it is missing", `Allowed is ${partOf(schema, key).message ?? "a value"}`);
}

function meant(names: readonly string[]): string {
  return `Did you mean ${names.join(" or ")}?`;
}

/** What the errors need of a schema's parts, whatever kind each is. */
interface SchemaPart {
  readonly entries?: Readonly<Record<string, SchemaPart>>;
  readonly item?: SchemaPart;
  readonly wrapped?: SchemaPart;
  readonly message?: unknown;
}

/** The part of a schema that a value under this key is checked by; the last one known where there is none. */
function partOf(schema: GenericSchema, key: KeyPath): SchemaPart {
  let part = schema as SchemaPart;
  for (const name of key) {
    while (part.wrapped !== undefined) part = part.wrapped;
    part = (typeof name === "number" ? part.item : part.entries?.[name]) ?? part;
  }
  while (part.wrapped !== undefined) part = part.wrapped;
  return part;
}

function nameOf(key: KeyPath): string {
  return key
    .map((part) => (typeof part === "number" ? `[${part + 1}]` : part))
    .join(".")
    .replaceAll(".[", "[");
}

/** A value as it would be written. */
function shown(value: unknown): string {
  if (Array.isArray(value)) return "a list";
  if (value instanceof Date) return `the time ${value.toISOString()}`;
  return typeof value === "object" ? "a table" : JSON.stringify(value);
}
