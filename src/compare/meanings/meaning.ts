/** What `spooldiff explain` tells of a class of findings. */
export interface Meaning {
  /** What has been found. */
  readonly means: string;
  /** What Cyrus itself does about it. */
  readonly cyrus: string;
  /**
   * Its own words, to search a mail log for: fixed texts that the programs of Cyrus 3.6 hold, and where that is another
   * word those of 2.4 to 3.0 (`SYNCERROR: …`). Empty: it is silent.
   */
  readonly logs: readonly string[];
  /** What goes wrong when it is mended in the obvious way, or left alone. */
  readonly hazard: string;
  /** What to do. */
  readonly repair: string;
}

/** What brings a mailbox or user that replication has stopped caring for; it asks the replica for its real state. */
export const SYNC_USER =
  "Decide which host is right. Then run sync_client -u USER on the primary (-m MAILBOX, in its external name, for a mailbox of nobody), and compare again.";

/** What happens when two diverged copies are synced. */
export const MERGES =
  "A full sync merges both ways: it may give messages new UIDs on the primary, follow expunges that were made on the replica, and take over flags from there. Where the replica is right that is what you want; where it is wrong it harms the primary.";

/** How a replica that is wrong in many ways is set right. */
export const RESET_REPLICA =
  "Reset the user on the replica (sync_reset USER), then run sync_client -u USER on the primary: the primary is not changed by that. compare --worklist prints the commands for each user, and what two known obstacles need first: sync_reset aborts on an index with a bad checksum, and of a mailbox that was deleted on the replica it leaves a tombstone that stops sync_client.";

/** Why the tool that repairs a primary must not be the first step on a replica. */
export const NO_RECONSTRUCT =
  "reconstruct on a replica expunges what it cannot find, with a higher modseq, and the next sync carries that expunge to the primary: the good message is gone there too.";
