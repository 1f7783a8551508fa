import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

const PROJECT = new URL("../../", import.meta.url);

/** What this suite needs to know of an entry of the lock file. */
interface LockEntry {
  readonly resolved?: string;
  readonly hasInstallScript?: boolean;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

function readJson<T>(name: string): T {
  return JSON.parse(readFileSync(new URL(name, PROJECT), "utf8")) as T;
}

const locked = readJson<{ packages: Readonly<Record<string, LockEntry>> }>("package-lock.json").packages;

/** Where a package that lies at `path` finds `name`: in its own node_modules, else in one further up. */
function resolveLocked(path: string, name: string): string | undefined {
  const parts = path === "" ? [] : path.split("/node_modules/");
  for (let depth = parts.length; depth >= 0; depth -= 1) {
    const place = [...parts.slice(0, depth), depth === 0 ? `node_modules/${name}` : name].join("/node_modules/");
    if (place in locked) return place;
  }
  return undefined;
}

test("package-lock.json has an entry for every optional dependency, without which npm ci fails elsewhere", () => {
  const wanted = Object.entries(locked).flatMap(([path, { optionalDependencies = {} }]) =>
    Object.keys(optionalDependencies).map((name) => [path, name] as const),
  );
  assert.ok(wanted.length > 0, "some packages bring one optional dependency for each platform");
  assert.deepEqual(
    wanted.filter(([path, name]) => resolveLocked(path, name) === undefined),
    [],
  );
});

test("package-lock.json names no registry", () => {
  assert.deepEqual(
    Object.entries(locked).filter(([, { resolved }]) => resolved !== undefined),
    [],
  );
});

test("package.json says of every install script whether it may run, since npm 12 refuses those it does not name", () => {
  const { allowScripts } = readJson<{ allowScripts: Readonly<Record<string, boolean>> }>("package.json");
  const scripted = Object.entries(locked)
    .filter(([, { hasInstallScript }]) => hasInstallScript)
    .map(([path]) => path.slice(path.lastIndexOf("node_modules/") + "node_modules/".length));
  assert.ok(scripted.includes("node"), "the tests run on the Node.js that a package brings");
  assert.deepEqual(
    scripted.filter((name) => !(name in allowScripts)),
    [],
  );
});

test("the top folder holds sources and nothing else", () => {
  const expected = ["CHANGELOG.md", "LICENSE", "README.md", "package-lock.json", "package.json", "tsconfig.json"];
  const folders = ["dist", "native-bench", "node_modules", "src", "test", "test-output"];
  const found = readdirSync(fileURLToPath(PROJECT)).filter((name) => !name.startsWith(".") && !name.endsWith(".tgz"));
  assert.deepEqual(
    found.filter((name) => !expected.includes(name) && !folders.includes(name)),
    [],
  );
});
