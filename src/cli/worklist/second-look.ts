import type { CompareSettings } from "../../compare/comparison.ts";
import type { RecheckCounts, RecheckResult, Summary } from "../../compare/variance.ts";
import { ExitCode, ManifestError, UsageError } from "../../errors.ts";
import { LEVELS } from "../../mail/message.ts";
import { OnlyFilter } from "../../mail/only-scope.ts";
import type { StoredManifestPair } from "../../manifest/pair.ts";
import type { StoredManifestView } from "../../manifest/view.ts";
import { Recheck } from "../../worklist/recheck-outcome.ts";
import { isAskedFor, keptRecheckList } from "../../worklist/recheck-scope.ts";

/** What a comparison of two `--only` scans does beside comparing. */
export interface SecondLook {
  readonly recheck: Recheck;
  readonly settings: Required<Pick<CompareSettings, "isAskedFor">>;
  /** Called when all findings have been seen. */
  result(): RecheckResult;
}

/**
 * The second look that two manifests of `scan --only` are; null for two whole ones.
 *
 * @throws {UsageError} when they were not made with one list
 */
export function secondLookOf({ primary, replica }: StoredManifestPair): SecondLook | null {
  const only = primary.facts.only;
  if (only === undefined && replica.facts.only === undefined) return null;
  if (only === undefined || only.digest !== replica.facts.only?.digest) {
    throw new UsageError(
      `Cannot compare "${primary.path}" with "${replica.path}": they were not scanned with one --only list`,
      "Scan both hosts with the same recheck.list",
    );
  }
  const list = keptRecheckList(only.lines, primary.path);
  if (list.scope.digest !== only.digest) {
    throw new ManifestError(`Cannot use "${primary.path}": its list of findings is not the one that it names`, {
      hint: "The file was damaged or altered: copy it again from the host that wrote it, or scan there anew",
    });
  }
  const filter = new OnlyFilter(list.scope);
  const recheck = new Recheck(list.entries);
  const level = LEVELS.find((each) => each === primary.facts.level || each === replica.facts.level) ?? "index";
  const things = recheck.things;
  return {
    recheck,
    settings: { isAskedFor: (name, subject) => isAskedFor(name, subject, filter, things) },
    result: () => recheck.result(level, (subject) => [...readings(primary, subject), ...readings(replica, subject)]),
  };
}

/** The totals of a second look: with a finding that it did not re-examine it cannot say that all is well. */
export function rechecked(summary: Summary, counts: RecheckCounts): Summary {
  const left = counts.notReExamined;
  if (left === 0) return { ...summary, recheck: counts };
  const reason = `${left} ${left === 1 ? "finding was" : "findings were"} not re-examined`;
  const incomplete = [...summary.incomplete, reason];
  const open = summary.verdict === "in-sync" || summary.verdict === "lagging";
  const verdict = open ? "incomplete" : summary.verdict;
  return { ...summary, verdict, exitCode: open ? ExitCode.incomplete : summary.exitCode, incomplete, recheck: counts };
}

/** What a second look did not read may well be as it was: a state file would take it for cleared. */
export function secondLookWithState(): UsageError {
  return new UsageError(
    "Cannot remember a second look: --state is of whole comparisons",
    "Leave --state away (--no-config, where the configuration has it); the report says what is confirmed and what cleared",
  );
}

function readings(
  view: StoredManifestView,
  { uniqueId, mailbox }: { uniqueId: string | null; mailbox: string | null },
) {
  const byId = uniqueId === null ? null : view.listedByUniqueId(uniqueId);
  const id = byId ?? (mailbox === null ? null : view.listedByName(mailbox));
  return id === null ? [] : [view.mailbox(id)];
}
