/**
 * Runs one command. Exit code 1 means variance and nothing else, ever: Node.js exits 1 for what nobody catches, and so
 * does commander for bad usage, so both are caught here.
 */
import { describeFailure } from "./failure.ts";
import { keepHeapsSmall } from "./small-heap.ts";

process.on("uncaughtException", (error) => {
  process.stderr.write(describeFailure(error));
  process.exit(2);
});
process.on("unhandledRejection", (error) => {
  process.stderr.write(describeFailure(error));
  process.exit(2);
});
process.stderr.on("error", () => {
  // Nobody reads what goes to stderr any more: the exit code still says how it went.
});

// Before the program itself is loaded, which makes them grow.
keepHeapsSmall();
const { run } = await import("./program.ts");
process.exitCode = await run(process.argv.slice(2));
