/** Model spools and edits of them, for fast-check. */
import fc from "fast-check";
import { EDITS, type ExpectedFinding } from "./edits.ts";
import {
  liveOf,
  type ModelMailbox,
  type ModelMessage,
  modelMailbox,
  modelMessage,
  type PairModel,
  pairOf,
  type SpoolModel,
} from "./model.ts";

const flags = fc.nat(31);
const keywords = fc.subarray(["Work", "$Forwarded", "later"]);
const message: fc.Arbitrary<Partial<ModelMessage>> = fc
  .record({
    flags,
    keywords,
    expunged: fc.nat(5).map((n) => n === 0),
    comment: fc.option(fc.record({ ofOwner: fc.boolean(), value: fc.string({ minLength: 1, maxLength: 9 }) })),
    length: fc.nat(400),
  })
  .map(({ length, comment, ...record }) => ({
    ...record,
    ...(comment === null ? {} : { comment }),
    body: `Subject: ${"x".repeat(length)}`,
  }));

/** A mailbox of one to nine messages, with gaps between their UIDs. */
export function mailbox(name: string): fc.Arbitrary<ModelMailbox> {
  return fc.array(fc.tuple(message, fc.nat(3)), { minLength: 1, maxLength: 9 }).map((rows) => {
    let uid = 0;
    const messages = rows.map(([over, gap]) => {
      uid += 1 + gap;
      // No two messages are alike.
      return modelMessage(uid, { ...over, body: `${over.body} ${name} ${uid}\r\n\r\n` });
    });
    return modelMailbox(name, messages);
  });
}

const FOLDERS = ["Archive", "Drafts", "R&-D", "Sent", "Trash", "a^b"];

/** One to three users with some folders each, and shared mailboxes. Each INBOX has a message that is never edited. */
export const spool: fc.Arbitrary<SpoolModel> = fc
  .record({
    users: fc.subarray(["alice", "bob", "dave^smith"], { minLength: 1 }),
    folders: fc.subarray(FOLDERS, { minLength: 1 }),
    shared: fc.boolean(),
  })
  .chain(({ users, folders, shared }) => {
    const names = users.flatMap((user) => folders.map((folder) => `user.${user}.${folder}`));
    const some = [...names, ...(shared ? ["shared.news", "shared.team"] : [])];
    return fc.tuple(...some.map(mailbox)).map((mailboxes): SpoolModel => {
      const anchors = [...users.map((user) => `user.${user}`), ...(shared ? ["shared"] : [])];
      return {
        mailboxes: [...mailboxes, ...anchors.map((name) => modelMailbox(name, [modelMessage(1)]))],
        tombstones: [],
      };
    });
  });

/** A choice of an edit, to be made where {@link editedPair} can place it. */
interface Wish {
  readonly kind: string;
  readonly side: "primary" | "replica";
  readonly mailbox: number;
  readonly message: number;
}

/** An edited pair, and all that must be found in it. */
export interface EditedPair {
  readonly pair: PairModel;
  readonly edits: readonly string[];
  readonly expected: readonly ExpectedFinding[];
  /** Mailboxes in which a record was changed behind its header's back: one of several may be blamed. */
  readonly behindHeader: ReadonlySet<string>;
}

/** A pair with up to `most` edits that do not get in each other's way. */
export function editedPair(
  most: number,
  kinds: readonly string[] = Object.keys(EDITS),
  from: fc.Arbitrary<SpoolModel> = spool,
  least = 1,
): fc.Arbitrary<EditedPair> {
  const wish = fc.record({
    kind: fc.constantFrom(...kinds),
    side: fc.constantFrom("primary" as const, "replica" as const),
    mailbox: fc.nat(100),
    message: fc.nat(100),
  });
  return fc
    .tuple(from, fc.array(wish, { minLength: least, maxLength: most }))
    .map(([model, wishes]) => edit(model, wishes));
}

function edit(model: SpoolModel, wishes: readonly Wish[]): EditedPair {
  const pair = pairOf(model);
  const places = new Places(model);
  const edits: string[] = [];
  const expected: ExpectedFinding[] = [];
  const behindHeader = new Set<string>();
  // What a header remembers is the state before the last edit: so those that go behind it come last.
  const inOrder = [...wishes].sort((a, b) => Number(needsOf(a) === "sums") - Number(needsOf(b) === "sums"));
  for (const wish of inOrder) {
    const target = places.take(wish);
    const kind = EDITS[wish.kind];
    if (target === null || kind === undefined) continue;
    edits.push(`${wish.kind} ${wish.side} ${target.mailbox}/${target.uid}`);
    expected.push(kind.apply(pair, { side: wish.side, ...target }));
    if (kind.needs === "sums") behindHeader.add(target.mailbox);
  }
  return { pair, edits, expected, behindHeader };
}

function needsOf({ kind }: Wish): string {
  return EDITS[kind]?.needs ?? "message";
}

/** INBOXes, and shared mailboxes that have no parent: nothing is edited in them. */
export function isAnchor(name: string): boolean {
  const parts = name.slice(name.indexOf("!") + 1).split(".");
  return parts.length <= (parts[0] === "user" ? 2 : 1);
}

/** Gives out mailboxes and messages so that no edit meets another. */
class Places {
  readonly #mailboxes: readonly ModelMailbox[];
  readonly #touched = new Set<string>();
  readonly #closed = new Set<string>();
  readonly #sums = new Set<string>();
  readonly #messages = new Set<string>();

  constructor(model: SpoolModel) {
    this.#mailboxes = model.mailboxes.filter(({ name }) => !isAnchor(name));
  }

  take(wish: Wish): { readonly mailbox: string; readonly uid: number } | null {
    const mailbox = this.#mailboxes[wish.mailbox % this.#mailboxes.length];
    const messages = liveOf(mailbox?.messages ?? []);
    const message = messages[wish.message % messages.length];
    if (mailbox === undefined || message === undefined || this.#closed.has(mailbox.name)) return null;
    const needs = needsOf(wish);
    if (needs === "mailbox" && this.#touched.has(mailbox.name)) return null;
    if (needs === "sums" && this.#sums.has(mailbox.name)) return null;
    const place = `${mailbox.name}/${message.uid}`;
    if (this.#messages.has(place)) return null;
    if (needs === "mailbox") this.#closed.add(mailbox.name);
    if (needs === "sums") this.#sums.add(mailbox.name);
    this.#touched.add(mailbox.name);
    this.#messages.add(place);
    return { mailbox: mailbox.name, uid: message.uid };
  }
}
