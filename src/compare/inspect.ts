/** One manifest alone: everything wrong on its host that needs no partner to be seen. */
import { ExitCode } from "../errors.ts";
import type { MailboxFacts, MessageFacts } from "../mail/scan-facts.ts";
import type { Acceptances } from "./acceptances.ts";
import type { Side } from "./classes.ts";
import { type Draft, explained } from "./explain.ts";
import type { InspectedMailbox, Inspection } from "./inspection.ts";
import { unreadDrafts } from "./item-drafts.ts";
import { headerRemembersFiles, MOST_FAULTY } from "./judge/silent-change.ts";
import type { ManifestView } from "./manifest-view.ts";
import {
  fileDraft,
  mailboxDrafts,
  mailboxNotes,
  orphanDraft,
  problemDrafts,
  rotDrafts,
  storeDrafts,
} from "./own-findings.ts";
import { sideSummary } from "./summary.ts";
import type { Note, Variance } from "./variance.ts";

/** Takes what an inspection finds, and gives it back in report order. */
export interface InspectionStore {
  variance(variance: Variance): void;
  note(note: Note): void;
  variances(): Iterable<Variance>;
  notes(): Iterable<Note>;
  readonly byClass: Inspection["counts"]["byClass"];
  readonly byState: Inspection["counts"]["byState"];
  readonly noteCount: number;
  readonly acceptedCount: number;
  countOf: Inspection["countOf"];
}

/** Inspects a manifest. `inScope` narrows which mailboxes are looked at; `acceptances` is what was accepted, if asked. */
export function inspectManifest(
  view: ManifestView,
  store: InspectionStore,
  inScope: (mailbox: MailboxFacts) => boolean,
  acceptances: Acceptances | null = null,
): Inspection {
  const { facts } = view;
  const side: Side = facts.role ?? "primary";
  const hosts = side === "primary" ? { primary: facts.host, replica: null } : { primary: null, replica: facts.host };
  const report = (draft: Draft) => {
    const variance = explained(draft, hosts);
    const accepted = acceptances?.of(variance) ?? null;
    store.variance(accepted === null ? variance : { ...variance, accepted });
  };
  for (const draft of storeDrafts(view, side)) report(draft);
  for (const draft of unreadDrafts(view, side)) {
    // What a mailbox of scripts has against itself says why.
    if (draft.subject.item !== "sieve" || draft.subject.mailbox === null) report(draft);
  }
  let notChecked = 0;
  for (const id of view.suspectMailboxes()) {
    const mailbox = view.mailbox(id);
    if (!inScope(mailbox)) continue;
    if (mailbox.status === "not-checked") notChecked++;
    for (const draft of ownDrafts(view, mailbox, side)) report(draft);
  }
  for (const mailbox of view.mailboxes()) {
    if (inScope(mailbox)) for (const note of mailboxNotes(mailbox, side)) store.note(note);
  }
  for (const note of acceptances?.notes() ?? []) store.note(note);
  const result = inspection(view, store, notChecked, inScope);
  if (acceptances === null) return result;
  return { ...result, counts: { ...result.counts, accepted: store.acceptedCount } };
}

function* ownDrafts(view: ManifestView, mailbox: MailboxFacts, side: Side): Generator<Draft> {
  yield* problemDrafts(view, mailbox, side);
  yield* rotDrafts(view, mailbox, side);
  const faulty: MessageFacts[] = [];
  if (mailbox.status === "read" && (mailbox.fileFaults ?? 0) > 0) {
    view.verifyRows(mailbox.id);
    for (const message of view.faultyMessages(mailbox.id)) {
      if (faulty.length < MOST_FAULTY) faulty.push(message);
      const draft = fileDraft(view, mailbox, message, side);
      if (draft !== null) yield draft;
    }
  }
  const told = headerRemembersFiles(faulty, mailbox.stored, mailbox.counted);
  for (const draft of mailboxDrafts(mailbox, side)) {
    if (draft.class !== "index-counters-wrong" || !told) yield draft;
  }
  if (mailbox.status !== "read") return;
  for (const orphan of view.orphans(mailbox.id)) yield orphanDraft(mailbox, orphan, side);
}

function inspection(
  view: ManifestView,
  store: InspectionStore,
  notChecked: number,
  inScope: (mailbox: MailboxFacts) => boolean,
): Inspection {
  const unproven = store.byState.unproven ?? 0;
  const incomplete: string[] = [];
  if (unproven > 0) incomplete.push(`${unproven} ${unproven === 1 ? "thing" : "things"} could not be read`);
  if (notChecked > 0) incomplete.push(`${notChecked} mailboxes were not checked`);
  if (view.facts.stopped === true) incomplete.push("the scan was stopped before its end");
  const damaged = (store.byState.damaged ?? 0) > 0;
  const verdict = damaged ? "damaged" : incomplete.length > 0 ? "incomplete" : "in-sync";
  const exitCode = damaged ? ExitCode.variance : incomplete.length > 0 ? ExitCode.incomplete : ExitCode.ok;
  return {
    side: sideSummary(view.path, view.facts),
    verdict,
    exitCode,
    counts: { byClass: store.byClass, byState: store.byState, notes: store.noteCount },
    incomplete,
    countOf: (state, name) => store.countOf(state, name),
    variances: () => store.variances(),
    notes: () => store.notes(),
    *mailboxes() {
      for (const mailbox of view.mailboxes()) if (inScope(mailbox)) yield inspected(mailbox);
    },
  };
}

/** The line of one mailbox. */
function inspected(mailbox: MailboxFacts): InspectedMailbox {
  const { header, counted } = mailbox;
  return {
    mailbox: mailbox.name,
    uniqueId: mailbox.uniqueId,
    partition: mailbox.listing?.partition ?? null,
    status: mailbox.status,
    messages: counted?.exists ?? null,
    unseen: counted?.unseen ?? null,
    uidvalidity: header?.uidValidity ?? null,
    uidnext: header === null ? null : header.lastUid + 1,
    highestmodseq: header?.highestModseq?.toString() ?? null,
    bytes: counted?.quotaUsed.toString() ?? null,
  };
}
