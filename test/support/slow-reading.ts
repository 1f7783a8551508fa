import { writeFileSync } from "node:fs";
import { pathToFileURL } from "node:url";

/**
 * Makes reading slow, as a disk can be that others keep busy: every opening of a file of a mailbox takes
 * `milliseconds`, in worker threads as well.
 *
 * @param module file to write the code to that does it
 * @returns variables to run the program with
 */
export function slowReading(module: string, milliseconds: number): { readonly NODE_OPTIONS: string } {
  writeFileSync(
    module,
    `import fs from "node:fs";
     import { syncBuiltinESMExports } from "node:module";
     const { openSync } = fs;
     const nobody = new Int32Array(new SharedArrayBuffer(4));
     fs.openSync = (path, ...words) => {
       if (/[/]spool[/]|^[/]proc[/]self[/]fd[/]/.test(path)) Atomics.wait(nobody, 0, 0, ${milliseconds});
       return openSync(path, ...words);
     };
     syncBuiltinESMExports();`,
  );
  return { NODE_OPTIONS: `--import=${pathToFileURL(module).href}` };
}
