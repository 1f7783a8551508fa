import assert from "node:assert/strict";
import {
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  rmdirSync,
  rmSync,
  statfsSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { LeafDirectories } from "../../src/scan/leaf-directories.ts";

/** As `findmnt -o FSTYPE` calls the file systems that count subdirectories among links. */
const EXT_OR_XFS = [0xef53, 0x58465342];

/** Where directories are made: the second is no file system that counts, wherever there is one. */
const PLACES = [tmpdir(), "/dev/shm"].filter((place) => existsSync(place));

for (const place of PLACES) {
  test(`LeafDirectories.isLeaf() says yes of no directory that has another in it (${place})`, async (t) => {
    const base = mkdtempSync(join(place, "spooldiff-leaf-"));
    t.after(() => rmSync(base, { recursive: true, force: true }));
    const leaves = new LeafDirectories();
    const isLeaf = (name: string) =>
      new Promise<boolean>((resolve) => leaves.isLeaf(Buffer.from(join(base, name)).toString("latin1"), resolve));
    for (const name of ["leaf", "full", "mailbox/.hidden", "several/1", "several/2", "several/3"]) {
      mkdirSync(join(base, name), { recursive: true });
    }
    for (let uid = 1; uid < 50; uid++) writeFileSync(join(base, "full", `${uid}.`), "");
    symlinkSync("leaf", join(base, "link"));
    for (const name of ["mailbox", "several", "link", "nowhere", "full/1."]) {
      assert.equal(await isLeaf(name), false, name);
    }
    const counts = EXT_OR_XFS.includes(statfsSync(base).type) && lstatSync(base).nlink > 2;
    assert.equal(await isLeaf("leaf"), counts);
    assert.equal(await isLeaf("full"), counts);
    // It is asked each time: a directory may get others.
    mkdirSync(join(base, "leaf/new"));
    assert.equal(await isLeaf("leaf"), false);
    rmdirSync(join(base, "leaf/new"));
    assert.equal(await isLeaf("leaf"), counts);
  });
}
