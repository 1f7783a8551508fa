/**
 * `recheck.list`: the findings of one comparison, for `scan --only` to read again on both hosts. Text, one JSON object a
 * line: a head, one line for each finding, an end that counts them (so that a list that was cut off shows itself).
 *
 *   {"type":"recheck","version":1,"primary":"…","replica":"…"}      ids of the manifests that were compared
 *   {"class":"file-corrupt","state":"damaged","side":"replica","mailbox":"user.alice","uniqueid":"…","uid":5}
 *   {"type":"end","findings":1}
 *
 * The list may come from another host and is not to be trusted: every field is checked, and there are few.
 */
import { SIDES, STATES, type State, VARIANCE_CLASSES, type VarianceClass } from "../compare/classes.ts";
import type { Subject, Variance } from "../compare/variance.ts";
import { type ByteString, byteString } from "../mail/name.ts";
import { jsonLine, nameFields } from "./json-line.ts";

/** Findings that one list holds at most: a second look is for a suspicion, not for a whole spool. */
export const MOST_FINDINGS = 100_000;
/** Bytes of a line, and of a list, at most. */
export const LONGEST_LINE = 16_384;
export const LARGEST_LIST = 64 << 20;

const VERSION = 1;

/** One finding of a list: enough to find the thing again, and to say what was found. */
export interface RecheckEntry {
  readonly class: VarianceClass;
  readonly state: State;
  readonly side: Variance["side"];
  readonly subject: Subject;
  /** The replica's uniqueid or UID where it has another one. */
  readonly otherUniqueId: string | null;
  readonly otherUid: number | null;
}

/** The first line of a list. */
export function recheckHead(primaryId: string, replicaId: string): string {
  return jsonLine({ type: "recheck", version: VERSION, primary: primaryId, replica: replicaId });
}

/** The last line of a list. */
export function recheckEnd(findings: number): string {
  return jsonLine({ type: "end", findings });
}

/** The line of one finding. */
export function recheckLine(variance: Variance): string {
  const { mailbox, otherMailbox, uniqueId, uid, path, item, owner, key } = variance.subject;
  const other = variance.replica?.uniqueid;
  const otherUid = variance.class === "message-renumbered" ? variance.replica?.uid : undefined;
  return jsonLine({
    class: variance.class,
    state: variance.state,
    side: variance.side,
    ...nameFields("mailbox", mailbox),
    ...nameFields("otherMailbox", otherMailbox),
    uniqueid: uniqueId,
    ...(typeof other === "string" && other !== uniqueId ? { otherUniqueid: other } : {}),
    ...(uid === undefined ? {} : { uid }),
    ...(typeof otherUid === "number" ? { otherUid } : {}),
    ...(item === undefined ? {} : { item }),
    ...nameFields("owner", owner),
    ...nameFields("key", key),
    // Of a mailbox the place is known; of anything else the path is what it is.
    ...(mailbox === null ? nameFields("path", path) : {}),
  });
}

/** What is wrong with a line of a list. */
export class RecheckLineError extends Error {}

/** Reads the head of a list. Throws {@link RecheckLineError}. */
export function checkHead(line: string): void {
  const head = objectOf(line);
  if (head.type !== "recheck") throw new RecheckLineError("it does not begin as a recheck.list of spooldiff does");
  if (head.version !== VERSION) throw new RecheckLineError("it is of a version that this program does not know");
}

/** The number in the last line of a list, or null for a line that is none. Throws {@link RecheckLineError}. */
export function endOf(line: string): number | null {
  const end = objectOf(line);
  if (end.type !== "end") return null;
  if (typeof end.findings !== "number") throw new RecheckLineError("the end does not count the findings");
  return end.findings;
}

/** Reads the line of one finding. Throws {@link RecheckLineError}. */
export function parseRecheckLine(line: string): RecheckEntry {
  const fields = new Fields(objectOf(line));
  const uid = fields.uid("uid");
  const [otherMailbox, item] = [fields.name("otherMailbox"), fields.text("item")];
  const [owner, key, path] = [fields.name("owner"), fields.name("key"), fields.name("path")];
  const entry: RecheckEntry = {
    class: fields.oneOf("class", VARIANCE_CLASSES),
    state: fields.oneOf("state", STATES),
    side: fields.oneOf("side", [...SIDES, "both", "unknown"] as const),
    subject: {
      mailbox: fields.name("mailbox"),
      uniqueId: fields.uniqueId("uniqueid"),
      ...(uid === null ? {} : { uid }),
      ...(otherMailbox === null ? {} : { otherMailbox }),
      ...(item === null ? {} : { item }),
      ...(owner === null ? {} : { owner }),
      ...(key === null ? {} : { key }),
      ...(path === null ? {} : { path }),
    },
    otherUniqueId: fields.uniqueId("otherUniqueid"),
    otherUid: fields.uid("otherUid"),
  };
  fields.checkUnknown();
  return entry;
}

function objectOf(line: string): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    throw new RecheckLineError("it is no JSON");
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new RecheckLineError("it is no JSON object");
  }
  return value as Record<string, unknown>;
}

/** Longest name: what Cyrus allows, twice. */
const LONGEST_NAME = 2048;

/** Takes fields one by one, each with its check. */
class Fields {
  readonly #fields: ReadonlyMap<string, unknown>;
  readonly #taken = new Set<string>();

  constructor(fields: Record<string, unknown>) {
    this.#fields = new Map(Object.entries(fields));
  }

  oneOf<T extends string>(field: string, allowed: readonly T[]): T {
    const value = this.#take(field);
    const found = allowed.find((candidate) => candidate === value);
    if (found === undefined) throw new RecheckLineError(`"${field}" is none that this program knows`);
    return found;
  }

  uid(field: string): number | null {
    const value = this.#take(field);
    if (value === undefined) return null;
    if (typeof value !== "number" || !Number.isInteger(value) || value < 1 || value > 0xffff_ffff) {
      throw new RecheckLineError(`"${field}" is no UID`);
    }
    return value;
  }

  uniqueId(field: string): string | null {
    const value = this.#take(field) ?? null;
    if (value === null || (typeof value === "string" && /^[ -~]{1,128}$/.test(value))) return value as string | null;
    throw new RecheckLineError(`"${field}" is no uniqueid`);
  }

  text(field: string): string | null {
    const value = this.#take(field) ?? null;
    if (value === null || (typeof value === "string" && value.length <= LONGEST_NAME)) return value as string | null;
    throw new RecheckLineError(`"${field}" is no text`);
  }

  name(field: string): ByteString | null {
    const text = this.text(field);
    const bytes = this.#take(`${field}Bytes`);
    if (bytes === undefined) return text === null ? null : byteString(text);
    if (typeof bytes !== "string" || bytes.length > LONGEST_NAME || !/^[A-Za-z0-9+/]*={0,2}$/.test(bytes)) {
      throw new RecheckLineError(`"${field}Bytes" is no base64`);
    }
    return Buffer.from(bytes, "base64").toString("latin1");
  }

  checkUnknown(): void {
    const unknown = [...this.#fields.keys()].find((field) => !this.#taken.has(field));
    if (unknown !== undefined) throw new RecheckLineError(`"${unknown.slice(0, 40)}" is no field of a finding`);
  }

  #take(field: string): unknown {
    this.#taken.add(field);
    return this.#fields.get(field);
  }
}
