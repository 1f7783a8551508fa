/**
 * What is to be done about a finding, by hazards that were proved on a real pair (`sync_client` of Cyrus 3.6): it merges
 * both ways, so that an expunge on the replica is followed by the primary, and one fault can stop a whole user.
 */
import type { Evidence, Variance } from "../compare/variance.ts";

/**
 * - `wait`: nothing; it came between the scans, or nobody can tell yet.
 * - `sync`: `sync_client` brings it, and takes no message from the primary.
 * - `copy`: one file, from the side whose own manifest says that it matches its GUID.
 * - `reset`: `sync_client` would take something from the primary or is stopped by it: the replica's copy of the user is
 *   to be dropped and made anew, after what only the replica has was rescued.
 * - `hold`: the primary itself is to be mended first; its user is in no list that brings the fault to the replica.
 * - `look`: somebody has to look; no list can do it.
 */
export interface Remedy {
  readonly kind: "wait" | "sync" | "copy" | "reset" | "hold" | "look";
  /** Why, for people; null where the kind says it all. */
  readonly why: string | null;
  /** Of `reset`: what keeps sync_reset from doing its work. */
  readonly obstacle?: "deleted" | "recreated" | "damaged-index";
}

const WAIT: Remedy = { kind: "wait", why: null };
const SYNC: Remedy = { kind: "sync", why: null };

/** The remedy of one finding. */
export function remedyOf(variance: Variance): Remedy {
  if (variance.state === "in-flight") return variance.cause === "race" ? WAIT : SYNC;
  if (variance.state === "unproven") return { kind: "look", why: "it could not be read or judged" };
  return variance.state === "damaged" ? ofDamage(variance) : ofDivergence(variance);
}

function ofDamage({ class: name, side }: Variance): Remedy {
  switch (name) {
    case "file-missing":
    case "file-size-differs":
    case "file-corrupt":
      return side === "both" ? { kind: "look", why: "neither host has a good copy" } : { kind: "copy", why: null };
    case "file-orphan":
    case "file-unreadable":
    case "file-content-differs":
    case "mailbox-not-in-list":
      return { kind: "look", why: "somebody has to look at it" };
  }
  if (side === "replica") {
    const reset: Remedy = { kind: "reset", why: "its records on the replica are damaged" };
    return name === "index-corrupt" ? { ...reset, obstacle: "damaged-index" } : reset;
  }
  return { kind: "hold", why: "its records on the primary are damaged: mend them there before anything is replicated" };
}

function ofDivergence(variance: Variance): Remedy {
  const { class: name, primary, replica, rule } = variance;
  switch (name) {
    case "message-missing":
      // An expunge on either side wins: sync_client would expunge the primary's message too.
      if (isLive(primary) && replica?.expunged === true) {
        return { kind: "reset", why: "sync_client would expunge on the primary what was expunged on the replica" };
      }
      return SYNC;
    case "mailbox-missing":
      if (!isLive(primary))
        return { kind: "reset", why: "a mailbox is on the replica only, and sync_client leaves it there" };
      if (rule !== "mailbox-deleted") return SYNC;
      return {
        kind: "reset",
        why: "a mailbox was deleted on the replica, which stops sync_client for its user",
        obstacle: "deleted",
      };
    case "mailbox-recreated":
      return {
        kind: "reset",
        why: "a mailbox has two uniqueids, which stops sync_client for its user",
        obstacle: "recreated",
      };
    case "mailbox-renamed":
      return { kind: "reset", why: "a mailbox was renamed on the replica" };
    case "uidvalidity-differs":
      return { kind: "reset", why: "sync_client would raise UIDVALIDITY on the primary" };
    case "uniqueid-duplicate":
      return { kind: "hold", why: "several mailboxes have one uniqueid" };
    case "quota-differs":
      return rule === "usage-differs" ? { kind: "look", why: "quota -f counts anew, on the host that is wrong" } : SYNC;
    case "file-content-differs":
      return { kind: "look", why: "nothing says which file is right" };
    default:
      return SYNC;
  }
}

/** True where the side has the thing. */
function isLive(evidence: Evidence | null): boolean {
  return evidence !== null && evidence.present !== false && evidence.expunged !== true;
}

/** What of a finding only the replica has: one message, a whole mailbox, or nothing. */
export function onlyOn(
  variance: Variance,
): { readonly side: "primary" | "replica" | "both"; readonly what: "message" | "mailbox" } | null {
  const { class: name, state, primary, replica } = variance;
  if (state === "unproven") return null;
  switch (name) {
    case "message-missing": {
      if (isLive(primary) && !isLive(replica)) return { side: "primary", what: "message" };
      // What the primary expunged is no loss: it holds the record of that.
      return isLive(replica) && primary?.expunged !== true ? { side: "replica", what: "message" } : null;
    }
    case "message-conflict":
      return { side: "both", what: "message" };
    case "mailbox-missing":
      if (isLive(primary)) return { side: "primary", what: "mailbox" };
      return replica !== null && primary?.deleted !== true ? { side: "replica", what: "mailbox" } : null;
    case "mailbox-recreated":
    case "uidvalidity-differs":
      return { side: "both", what: "mailbox" };
    default:
      return null;
  }
}
