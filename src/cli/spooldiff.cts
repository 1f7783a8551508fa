#!/usr/bin/env node
// The first file that runs, in CommonJS and with nothing imported: on a Node.js that is too old the SQLite module would
// crash the process without a word, so the version is looked at before anything else is loaded.
if (Number(process.versions.napi) >= 10) {
  import("./main.js").catch((error: unknown) => {
    // Not even the part that describes failures could be loaded. Node.js would exit 1, and 1 means variance.
    process.stderr.write(`spooldiff: Cannot start: ${String(error)}\n`);
    process.exitCode = 2;
  });
} else {
  process.stderr.write(
    `spooldiff: Node.js ${process.versions.node} is too old: spooldiff needs 22.18 or newer (24 is recommended)\n`,
  );
  process.exitCode = 2;
}
