import type { VarianceClass } from "../classes.ts";
import { type Meaning, SYNC_USER } from "./meaning.ts";

/** Without an order two copies look the same whichever of them is newer. */
const NO_ORDER =
  "Nothing on disk says which host has the newer one: a single comparison takes it for in flight, a series with --state finds out.";

/** Classes about what belongs to users and mailboxes and is no message. */
export const MEANINGS_OF_ITEMS = {
  "message-annotation-differs": {
    means: "An annotation of a message is not the same, or only one host has it.",
    cyrus: "Annotations go with the record of their message, and are part of the sync CRC.",
    logs: ["Failed to read local annotations", "IOERROR: failed to open annotations"],
    hazard: "Labels and notes of clients get lost in a failover.",
    repair: SYNC_USER,
  },
  "mailbox-annotation-differs": {
    means: "An annotation of a mailbox (special use, expiry, colour, …) is not the same, or only one host has it.",
    cyrus: "Annotations of a mailbox go with its next sync.",
    logs: ["IOERROR: fetching annotations failed"],
    hazard: "/vendor/cmu/cyrus-imapd/expire decides when cyr_expire deletes mail: another one deletes other mail.",
    repair: SYNC_USER,
  },
  "subscription-differs": {
    means: "A user is subscribed to a mailbox on one host and not on the other.",
    cyrus: "Subscriptions go with META of the user, or with the user.",
    logs: ["IOERROR: fetching subscriptions failed", "Error in sync_do_meta("],
    hazard: NO_ORDER,
    repair: SYNC_USER,
  },
  "seen-differs": {
    means: "Another user than the owner has read other messages here than there (his seen database).",
    cyrus: "Seen state goes with META of the user who read, not of the owner.",
    logs: ["IOERROR: seen_open failed", "Error in sync_do_meta("],
    hazard: "After a failover read messages are unread again.",
    repair: "Run sync_client -u on the primary for the user who read it.",
  },
  "quota-differs": {
    means:
      "The limits of a quota root are not the same, or (item: usage) one host has counted wrongly: usage is compared only where every message under the root agrees.",
    cyrus: "Limits go with the QUOTA line of the root or with the user. Usage is never replicated: each host counts.",
    logs: ["Quota underflow for root", "LOSTQUOTA: unable to record change of", "usage was"],
    hazard: "Mail may be refused after a failover because of a lower limit or a usage that is too high.",
    repair: `A limit: set it on the primary (setquota), then sync. Usage: quota -f on the host that is wrong. ${NO_ORDER}`,
  },
  "sieve-differs": {
    means: "A sieve script is not the same, only one host has it, or another one is active.",
    cyrus:
      "Scripts go with META of the user (SIEVE in old versions), or with the user. From 3.6 they lie in a mailbox of their own.",
    logs: ["NO IMAP_SYNC_BADSIEVE Sieve script compilation failure", "IOERROR: can not open sieve directory"],
    hazard: "After a failover mail is filed, forwarded or rejected by other rules.",
    repair: SYNC_USER,
  },
} satisfies Partial<Record<VarianceClass, Meaning>>;
