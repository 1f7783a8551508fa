/**
 * How a server writes the names of mailboxes over IMAP. The internal form, which is the same everywhere and which
 * reports show, is `user.dave^smith.Sent` or `other.test!user.eve`; its levels end at dots, and where the servers write
 * levels with slashes a dot of the name itself is a caret.
 *
 * @see imapd.conf(5), `unixhierarchysep`, `altnamespace`, `virtdomains`
 */
export interface Namespace {
  readonly separator: "/" | ".";
  /** `altnamespace`: a user's mailboxes stand beside the INBOX, not below it. */
  readonly alternative: boolean;
  /** `defaultdomain`; null: users have no domains. */
  readonly defaultDomain: string | null;
}

/** The namespace of a server, where nothing else is said: slashes, no domains. */
export function namespaceOf({ namespace = {} }: { readonly namespace?: Partial<Namespace> }): Namespace {
  return { separator: "/", alternative: false, defaultDomain: null, ...namespace };
}

/** A name in internal form, taken apart. */
export interface SplitName {
  readonly domain: string | null;
  /** Levels, as the file system has them. */
  readonly levels: readonly string[];
  /** `dave.smith`, `eve@other.test`; null for a mailbox of nobody. */
  readonly owner: string | null;
}

export function splitInternal(name: string): SplitName {
  const at = name.indexOf("!");
  const domain = at < 0 ? null : name.slice(0, at);
  const levels = name.slice(at + 1).split(".");
  const user = levels[0] === "user" ? levels[1] : undefined;
  const owner = user === undefined ? null : `${user.replaceAll("^", ".")}${domain === null ? "" : `@${domain}`}`;
  return { domain, levels, owner };
}

/** The internal name of the mailbox of `user` (`eve@other.test`) at these levels below the INBOX. */
export function internalName(user: string, ...below: readonly string[]): string {
  const [local = "", domain] = user.split("@");
  const levels = ["user", local, ...below].map((level) => level.replaceAll(".", "^")).join(".");
  return domain === undefined ? levels : `${domain}!${levels}`;
}

/** What the administrator and Cyrus' tools call a mailbox: `user/dave.smith/Sent`, `user/eve@other.test`. */
export function administratorName(namespace: Namespace, name: string): string {
  const { domain, levels } = splitInternal(name);
  return `${written(namespace, levels)}${domain === null ? "" : `@${domain}`}`;
}

/** What a user's session calls a mailbox. */
export function userName(namespace: Namespace, name: string, user: string): string {
  const { levels, owner } = splitInternal(name);
  const { alternative, separator } = namespace;
  if (owner === user) {
    const below = levels.slice(2);
    return written(namespace, alternative && below.length > 0 ? below : ["INBOX", ...below]);
  }
  if (!alternative) return written(namespace, levels);
  const root = owner === null ? "Shared Folders" : "Other Users";
  return `${root}${separator}${written(namespace, owner === null ? levels : levels.slice(1))}`;
}

function written({ separator }: Namespace, levels: readonly string[]): string {
  if (separator === ".") return levels.join(".");
  return levels.map((level) => level.replaceAll("^", ".")).join("/");
}
