/** `--ignore`: the file of differences that an administrator has accepted. */
import { TomlDate } from "smol-toml";
import * as v from "valibot";
import { Acceptances, type AcceptedDifference } from "../../compare/acceptances.ts";
import { VARIANCE_CLASSES, type VarianceClass } from "../../compare/classes.ts";
import { urgencyOf } from "../../report/standing.ts";
import { nearest } from "../nearest.ts";
import { readTomlFile } from "./toml-file.ts";

const KIND = {
  what: "a file of accepted differences",
  largestBytes: 1 << 20,
  absent: "Name a file of accepted differences: each is an [[accept]] with class, reason and expires",
};

const text = (allowed: string) => v.pipe(v.string(allowed), v.regex(/\S/, allowed));
const pattern = v.optional(text("a name as reports give it; * stands for anything, ? for one byte"));

/** Whoever accepts a difference says why, and until when. The class is checked apart, to propose another one. */
const SCHEMA = v.strictObject(
  {
    accept: v.array(
      v.strictObject(
        {
          class: text("a class of findings, as spooldiff explain lists them"),
          mailbox: pattern,
          owner: pattern,
          key: pattern,
          uid: v.optional(
            v.pipe(v.number("a UID"), v.integer("a UID"), v.minValue(1, "a UID"), v.maxValue(2 ** 32 - 1, "a UID")),
          ),
          reason: text("a text that says why this may be so"),
          expires: v.pipe(
            v.union([v.instance(TomlDate), v.string()], "a day as in expires = 2027-03-31"),
            v.transform(dayOf),
            v.string("a day as in expires = 2027-03-31"),
          ),
        },
        "a table with class, reason and expires",
      ),
      "a list of tables, each an [[accept]]",
    ),
  },
  "[[accept]] tables",
);

/** `2027-03-31`; null for what is no day. */
function dayOf(value: TomlDate | string): string | null {
  if (typeof value !== "string" && !value.isDate()) return null;
  const day = typeof value === "string" ? value : value.toISOString();
  const ms = /^\d{4}-\d\d-\d\d$/.test(day) ? Date.parse(day) : Number.NaN;
  return Number.isNaN(ms) || new Date(ms).toISOString().slice(0, 10) !== day ? null : day;
}

/**
 * Reads the file of accepted differences.
 *
 * @throws {UsageError} that names file, line and key
 */
export function readIgnoreFile(path: string, nowMs: number): Acceptances {
  const { value, places, failure } = readTomlFile(path, KIND, SCHEMA);
  const lines = places("accept", value.accept.length);
  const differences = value.accept.map((entry, i): AcceptedDifference => {
    if (!isVarianceClass(entry.class)) {
      const near = nearest(entry.class, VARIANCE_CLASSES);
      const hint = near.length > 0 ? `Did you mean ${near.join(" or ")}?` : "spooldiff explain lists the classes";
      throw failure(["accept", i, "class"], `"${entry.class}" is no class of findings`, hint);
    }
    return {
      class: entry.class,
      mailbox: entry.mailbox ?? null,
      owner: entry.owner ?? null,
      key: entry.key ?? null,
      uid: entry.uid ?? null,
      reason: entry.reason,
      expires: entry.expires,
      place: lines[i] ?? path,
    };
  });
  return new Acceptances(differences, nowMs, (variance) => urgencyOf(variance) !== null);
}

function isVarianceClass(name: string): name is VarianceClass {
  return (VARIANCE_CLASSES as readonly string[]).includes(name);
}
