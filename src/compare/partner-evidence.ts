/** What the other side has of a thing that one side has a fault of by itself: it was read too, and is shown beside it. */
import type { MailboxFacts } from "../mail/scan-facts.ts";
import { CHECK_OF_CLASS, SIDES, type Side } from "./classes.ts";
import type { Comparison } from "./comparison.ts";
import { fileEvidence } from "./evidence.ts";
import { type Draft, otherSide } from "./explain.ts";
import { mailboxFaultEvidence } from "./own-findings.ts";
import type { Evidence } from "./variance.ts";

/** Adds the evidence that a draft of one side's own fault lacks, where the other side has the same mailbox. */
export function withPartner(
  comparison: Comparison,
  mailboxes: Readonly<Record<Side, MailboxFacts | null>>,
  draft: Draft,
): Draft {
  const side = SIDES.find((candidate) => draft[candidate] !== null && draft[otherSide(candidate)] === null);
  if (side === undefined || (draft.rule !== "own-records" && draft.rule !== "not-read")) return draft;
  const [own, partner] = [mailboxes[side], mailboxes[otherSide(side)]];
  if (own === null || partner === null || own.uniqueId !== partner.uniqueId || partner.status !== "read") return draft;
  const evidence = evidenceOf(comparison, own, partner, draft, otherSide(side));
  return evidence === null ? draft : { ...draft, [otherSide(side)]: evidence };
}

function evidenceOf(
  comparison: Comparison,
  own: MailboxFacts,
  partner: MailboxFacts,
  { class: is, subject }: Draft,
  side: Side,
): Evidence | null {
  if (subject.uid === undefined) return CHECK_OF_CLASS[is] === "store" ? mailboxFaultEvidence(partner, is) : null;
  // Under another UIDVALIDITY the UID is another message's.
  if (!is.startsWith("file-") || own.header?.uidValidity !== partner.header?.uidValidity) return null;
  const view = comparison.view(side);
  view.verifyRows(partner.id);
  const message = view.message(partner.id, subject.uid);
  return message === null ? { present: false } : fileEvidence(message);
}
