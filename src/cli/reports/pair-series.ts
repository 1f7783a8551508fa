/** What a state file holds, as the judge of a series and the reports of it want it. */
import { SERIES_COMPARISONS } from "../../history/read-series.ts";
import type { StoredProgress, StoredSeries } from "../../history/records.ts";
import type { TrendContext } from "../../report/trend/context.ts";
import type { Point, Series } from "../../trend/series.ts";

/** The stored rows as the judge of a series wants them: what is true of a comparison is true of its users. */
export function seriesOf({ comparisons, users }: StoredSeries): Series {
  const points = new Map<number, Point>(comparisons.map((comparison) => [comparison.comparison, comparison]));
  const ofUser = (row: StoredProgress): Point[] => {
    const comparison = points.get(row.comparison);
    if (comparison === undefined) return [];
    const { readMs, complete, swapped, scope } = comparison;
    return [{ ...row, readMs, complete, swapped, scope }];
  };
  const byUser = Map.groupBy(users, ({ owner }) => owner);
  return {
    points: [...points.values()].slice(-SERIES_COMPARISONS),
    users: [...byUser].map(([user, rows]) => ({ user, points: rows.flatMap(ofUser) })),
  };
}

/** What reports of a trend name beside it. */
export function contextOf({ comparisons, standing }: StoredSeries): TrendContext {
  const last = comparisons.at(-1);
  return {
    primary: last?.primaryHost ?? null,
    replica: last?.replicaHost ?? null,
    level: last?.level ?? null,
    narrowedBy: narrowedBy(last?.scope ?? "[]"),
    lastVerdict: last?.verdict ?? null,
    notReExamined: last?.unexamined ?? 0,
    accepted: last?.accepted ?? 0,
    standing,
    coverage: last?.coverage ?? null,
  };
}

/** The globs of a comparison; of a text that is no list of them, the text. */
function narrowedBy(scope: string): readonly string[] {
  try {
    const globs: unknown = JSON.parse(scope);
    if (Array.isArray(globs) && globs.every((glob) => typeof glob === "string")) return globs;
  } catch {
    // Not what this program writes: shown as it is.
  }
  return [scope];
}
