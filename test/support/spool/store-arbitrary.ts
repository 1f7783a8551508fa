/** Model stores of any users, domains, names and items, for fast-check. */
import fc from "fast-check";
import { isAnchor, mailbox } from "./arbitrary.ts";
import {
  inboxNameOf,
  type ModelItems,
  type ModelMailbox,
  modelMailbox,
  modelMessage,
  ownerOfName,
  type SpoolModel,
} from "./model.ts";

/** Whatever a part of a name can hold on disk; `^` stands for a dot. */
const CHARACTERS = [..."abcXYZ019 ^&-_+#=~'$\"\\()%{}*", ..."\x80\xa9\xc3\xe9\xff"];
const part = fc
  .array(fc.constantFrom(...CHARACTERS), { minLength: 1, maxLength: 9 })
  .map((characters) => characters.join(""))
  // As a user's name, these would be a place of its own.
  .filter((text) => !/^[\^ ]|[\^ ]$|\^\^/.test(text));
const userPart = fc.oneof(fc.constantFrom("alice", "bob", "dave^smith", "Zoe", "0815", "matt", "matthew"), part);
const domain = fc.constantFrom("north.test", "South.test", "0.example", "xn--9.test");
const folder = fc.oneof(
  fc.constantFrom("Archive", "Sent", "R&-D", "a^b", "domain", "user", "a", "uuid", "Q1 2024"),
  part,
);
const folderPath = fc.array(folder, { minLength: 1, maxLength: 3 }).map((parts) => parts.join("."));
const sharedName = fc
  .tuple(fc.constantFrom("shared", "News", "announce"), folderPath)
  .map(([top, below]) => `${top}.${below}`);

interface Shape {
  readonly users: readonly string[];
  readonly folders: readonly string[];
  readonly shared: readonly string[];
}

/** Stores with a few users, some of them in domains if `domains`, and with everything else that replicates. */
export function storeOf({ domains }: { readonly domains: boolean }): fc.Arbitrary<SpoolModel> {
  const user = domains
    ? fc.tuple(userPart, fc.option(domain)).map(([local, at]) => userName(local, at))
    : userPart.map((local) => userName(local, null));
  return fc
    .record({
      users: fc.uniqueArray(user, { minLength: 1, maxLength: 4 }),
      folders: fc.uniqueArray(folderPath, { maxLength: 3 }),
      shared: fc.uniqueArray(sharedName, { maxLength: 3 }),
      readers: fc.uniqueArray(user, { maxLength: 2 }),
    })
    .chain(({ readers, ...shape }) => {
      const names = namesOf(shape);
      const others = readers.filter((reader) => !shape.users.includes(reader));
      return fc
        .tuple(fc.tuple(...names.map(anyMailbox)), fc.infiniteStream(fc.nat(1_000_000)))
        .map(([mailboxes, numbers]): SpoolModel => {
          const pick = () => numbers.next().value ?? 0;
          return { mailboxes, tombstones: [], items: itemsOf(mailboxes, shape.users, others, pick) };
        });
    });
}

function userName(local: string, domainOrNull: string | null): string {
  const dotted = local.replaceAll("^", ".");
  return domainOrNull === null ? dotted : `${dotted}@${domainOrNull}`;
}

function namesOf({ users, folders, shared }: Shape): string[] {
  const inboxes = users.map(inboxNameOf);
  const tops = shared.map((name) => name.split(".")[0] ?? "");
  return [
    ...new Set([
      ...inboxes,
      ...inboxes.flatMap((inbox) => folders.map((path) => `${inbox}.${path}`)),
      ...tops,
      ...shared,
    ]),
  ];
}

function anyMailbox(name: string): fc.Arbitrary<ModelMailbox> {
  const partition = fc.constantFrom("default", "second", "third");
  const box = isAnchor(name) ? fc.constant(modelMailbox(name, [modelMessage(1)])) : mailbox(name);
  return fc.tuple(box, partition).map(([model, where]) => ({ ...model, partition: where }));
}

/** Items by numbers that fast-check gave. */
function itemsOf(
  mailboxes: readonly ModelMailbox[],
  users: readonly string[],
  readers: readonly string[],
  pick: () => number,
): ModelItems {
  const some = <T>(all: readonly T[]): T[] => all.filter(() => pick() % 2 === 0);
  const everybody = [...users, ...readers];
  return {
    subscriptions: Object.fromEntries(everybody.map((user) => [user, some(mailboxes).map(({ name }) => name)])),
    seen: everybody.flatMap((user) =>
      some(mailboxes.filter(({ name }) => ownerOfName(name) !== user)).map(({ uniqueId, messages }) => ({
        ...{ user, uniqueId },
        uids: [1, ...messages.map(({ uid }) => uid)].filter((uid, i) => i === 0 || uid > 1),
      })),
    ),
    quotas: some(users).map((user) => ({ root: inboxNameOf(user), storage: pick() })),
    scripts: some(users).map((user) => ({ user, name: `s ${pick()}\xe9`, source: `keep; # ${pick()}`, active: true })),
    annotations: some(mailboxes).map(({ name }) => ({
      ...{ mailbox: name, entry: "/comment", value: `v${pick()}` },
      user: pick() % 2 === 0 ? "" : (ownerOfName(name) ?? users[0] ?? ""),
    })),
  };
}
