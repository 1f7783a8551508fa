import type { WorkHosts } from "./host.ts";

/**
 * What is to be heeded of the version of Cyrus. A manifest knows versions of indexes, which tell the oldest release that
 * a host can be: an index is made anew in the newest version, and an old one stays as it is.
 *
 * @see cyrus-imapd `imap/mailbox.h`, MAILBOX_MINOR_VERSION: 2.4 12; 2.5 and 3.0 13; 3.2 16; 3.4 to 3.8 17; 3.10 and 3.12
 *   19; 3.13 and later 20
 */
export function versionHazards({ primary, replica, syncCache }: WorkHosts): string[] {
  const versions = [primary.indexVersion, replica.indexVersion].filter((version) => version !== null);
  const newest = versions.length === 0 ? null : Math.max(...versions);
  const lines = [
    `Newest index: ${said(primary.indexVersion)} on the primary, ${said(replica.indexVersion)} on the replica${newest === null ? "" : `, so Cyrus ${releaseOf(newest)} or later`}. The commands were tried on Cyrus 3.6.`,
  ];
  if (newest !== null && newest < 13) {
    lines.push(
      "Cyrus 2.3 and 2.4: sync_client -u deletes on the replica every mailbox that the primary has not; there are no tombstones. Rescue first.",
    );
  } else {
    lines.push(
      "A mailbox that the primary deleted is deleted on the replica only while the primary keeps its tombstone; without one it stays there for ever.",
      "sync_client -O (2.5 and later) never changes the primary: a mailbox that would need it fails instead. Use it in place of -o -v where the primary must not be touched, and expect it to stop at conflicts.",
    );
  }
  if (newest !== null && newest >= 20) {
    lines.push("From 3.13 on, -O also deletes mailboxes of the replica that have no tombstone. Rescue first.");
  }
  if (syncCache === true) {
    lines.push(
      "Your imapd.conf sets sync_cache_db_path: -m and -r (and -u of 3.12 to 3.13.7) then believe a cached copy of the replica's state and can skip just what diverged. Run these commands with a -C configuration without it, or delete that file first.",
    );
  } else if (syncCache === null && (newest === null || newest >= 13)) {
    lines.push(
      "If imapd.conf sets sync_cache_db_path (3.4 and later), -m and -r believe a cached copy of the replica's state and can skip just what diverged; 3.12 to 3.13.7 do so for -u too. Run these commands with a -C configuration without it.",
    );
  }
  return lines;
}

function said(version: number | null): string {
  return version === null ? "none was read" : `version ${version}`;
}

function releaseOf(version: number): string {
  const [release] = RELEASES.find(([, since]) => version >= since) ?? ["2.3"];
  return release;
}

/** Releases by the version of their new indexes, newest first. */
const RELEASES: readonly (readonly [release: string, version: number])[] = [
  ["3.13", 20],
  ["3.10", 18],
  ["3.4", 17],
  ["3.2", 15],
  ["2.5", 13],
  ["2.4", 12],
];
