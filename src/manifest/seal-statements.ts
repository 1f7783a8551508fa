/** SQL that puts rows into the canonical form of `mail/canonical-digest.ts`. */

/** A column of a table whose rows are sealed. */
export interface SealedColumn {
  readonly name: string;
  /** As it was declared; says only what its values most likely are. */
  readonly type: string | null;
}

/** Kind byte, eight bytes of number or length, then the bytes. */
const FORMS: Readonly<Record<string, (column: string) => string>> = {
  INTEGER: (c) => `WHEN 'integer' THEN 'i' || ${eightBytes(c)}`,
  TEXT: (c) => `WHEN 'text' THEN 't' || ${eightBytes(`octet_length(${c})`)} || ${c}`,
  BLOB: (c) => `WHEN 'blob' THEN 'b' || ${eightBytes(`octet_length(${c})`)} || ${c}`,
};

const eightBytes = (number: string) => `unhex(printf('%016x', ${number}))`;

/**
 * A value of whatever kind. Bytes joined to bytes are text to SQLite, but the same bytes, in a database whose text is
 * UTF-8, as all are that are read. What has no canonical form gets one that no sealed row has: the schema knows no
 * fractions, but a file that was altered can hold one.
 */
function canonical({ name, type }: SealedColumn): string {
  const column = `"${name}"`;
  // In the order in which they are likely: each test compares two words.
  const kinds = Object.keys(FORMS).sort((a, b) => Number(b === type) - Number(a === type));
  const [usual = "", ...others] = kinds.map((kind) => FORMS[kind]?.(column) ?? "");
  const form = `CASE typeof(${column}) ${usual} WHEN 'null' THEN 'n' ${others.join(" ")} ELSE 'f' || ${column} END`;
  if (type !== "BLOB") return form;
  return `iif(octet_length(${column}) = 32 AND typeof(${column}) = 'blob', x'620000000000000020' || ${column}, ${form})`;
}

/** Describes the columns. */
export const selectColumns = (schema: string, table: string, columns: string) =>
  `SELECT ${columns} FROM ${schema}.${table}`;

const canonicalRow = (columns: readonly SealedColumn[]) => columns.map(canonical).join(" || ");

/** The rows from a row id on: the last one's id, how many they are, and their bytes. */
export const selectCanonicalRun = (schema: string, table: string, columns: readonly SealedColumn[]) => `
  SELECT max(id), count(*), CAST(group_concat(bytes, '') AS BLOB) FROM (
    SELECT rowid AS id, ${canonicalRow(columns)} AS bytes FROM ${schema}.${table} WHERE rowid >= ? ORDER BY rowid LIMIT ?
  )`;

/** Each row. */
export const selectCanonicalRows = (schema: string, table: string, columns: readonly SealedColumn[], order: string) =>
  `SELECT CAST(${canonicalRow(columns)} AS BLOB) FROM ${schema}.${table} ORDER BY ${order}`;
