import { argument, definitions, head, literal, prose } from "./mdoc.ts";

/** One table of the schema, as its comments describe it. */
interface Table {
  readonly name: string;
  readonly comment: readonly string[];
  /** Columns, and comments that stand between them. */
  readonly lines: readonly (readonly [column: string, type: string, comment: string] | string)[];
}

/** spooldiff-manifest(5), of the text of the schema. */
export function manifestPage(schema: string, date: string): string[] {
  const [first = []] = commentBlocks(schema);
  return [
    ...head("spooldiff-manifest", 5, date, "what one scan of a mail host found"),
    ".Sh DESCRIPTION",
    ...commented(first),
    ".Pp",
    ...prose(
      "It is an SQLite file, which the sqlite3 shell reads. Its application_id is 1936747620; user_version is the version of the format, and other versions are refused. A manifest holds names, UIDs, flags, sizes and digests, rights, quotas and the values of shared annotations, but no subject, header or body, and has mode 0600.",
    ),
    ".Sh TABLES",
    ...tablesOf(schema).flatMap(tableSection),
    ".Sh EXAMPLES",
    ...literal(['sqlite3 mx1.db "SELECT name, exists_count, unseen FROM mailbox ORDER BY exists_count DESC LIMIT 5"']),
    ".Sh SEE ALSO",
    ".Xr spooldiff 1",
  ];
}

/** The tables of a schema in its order. */
export function tablesOf(schema: string): Table[] {
  return [...schema.matchAll(/((?:^--.*\n)*)^CREATE TABLE (\w+) \(\n([\s\S]*?)^\)/gm)].map(
    ([, comment = "", name = "", body = ""]) => ({ name, comment: uncommented(comment), lines: columnsOf(body) }),
  );
}

function columnsOf(body: string): Table["lines"] {
  // A definition that runs over several lines is one, with the comment that ends the last of them.
  const joined = body.replace(/,\n {4}/g, ", ").split("\n");
  return joined.flatMap((line): Table["lines"][number][] => {
    const between = /^ {2}-- (.*)$/.exec(line);
    if (between !== null) return [between[1] ?? ""];
    const column = /^ {2}([a-z]\w*) (INTEGER|TEXT|BLOB)(.*?)(?:\s*-- (.*))?$/.exec(line);
    if (column === null) return [];
    const [, name = "", type = "", rest = "", comment = ""] = column;
    return [
      [
        name,
        `${type}${/NOT NULL/.test(rest) ? ", never NULL" : ""}`,
        [comment, valuesOf(rest)].filter((said) => said !== "").join("; "),
      ],
    ];
  });
}

/** The values that a column may have, where they are listed. */
function valuesOf(definition: string): string {
  const list = / IN \(('.*?')\)\)/.exec(definition)?.[1];
  return list === undefined ? "" : `one of ${list.replaceAll("'", "")}`;
}

function tableSection({ name, comment, lines }: Table): string[] {
  const entries = lines.map((line): [string, string[]] => {
    if (typeof line === "string") return [`Em ${argument(line)}`, []];
    const [column, type, said] = line;
    return [`Va ${column} Pq ${argument(type)}`, said === "" ? [] : prose(said)];
  });
  return [`.Ss ${name}`, ...commented(comment), ...definitions("Ds", entries)];
}

/** Comments as prose; lines that are set apart by spaces are a table, and stay as they are. */
function commented(lines: readonly string[]): string[] {
  const set = lines.filter((line) => line.startsWith("  "));
  const plain = lines.filter((line) => !line.startsWith("  ")).join("\n");
  return [
    ...plain.split("\n\n").flatMap((text, i) => [...(i > 0 ? [".Pp"] : []), ...prose(text)]),
    ...(set.length > 0 ? literal(set) : []),
  ];
}

function commentBlocks(schema: string): string[][] {
  return [...schema.matchAll(/(?:^--.*\n)+/gm)].map(([block]) => uncommented(block));
}

function uncommented(block: string): string[] {
  return block
    .trimEnd()
    .split("\n")
    .map((line) => line.replace(/^-- ?/, ""));
}
