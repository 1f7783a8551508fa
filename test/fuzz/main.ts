/**
 * Fuzzes the decoders for as long as it is told to:
 *
 *   npm run fuzz -- [--seconds 60] [--target NAME]… [--seed N] [--case N]
 *
 * The time is divided among the targets. A failure prints the file that holds the input and how to repeat it.
 */
import { parseArgs } from "node:util";
import { fuzz } from "./fuzz.ts";
import { targets } from "./targets/all.ts";

const MODULE = new URL("./targets/all.ts", import.meta.url).href;

const { values } = parseArgs({
  options: {
    seconds: { type: "string", default: "60" },
    target: { type: "string", multiple: true, default: [] },
    seed: { type: "string", default: String(Math.floor(Math.random() * 2 ** 31)) },
    case: { type: "string" },
  },
});

const chosen = targets
  .map(({ name }) => name)
  .filter((name) => values.target.length === 0 || values.target.includes(name));
const unknown = values.target.filter((name) => !chosen.includes(name));
if (unknown.length > 0) {
  console.error(`There is no target ${unknown.join(", ")}; there are: ${targets.map(({ name }) => name).join(", ")}`);
  process.exit(2);
}
const seed = Number(values.seed);
const milliseconds = (Number(values.seconds) * 1000) / chosen.length;
for (const target of chosen) {
  const onlyCase = values.case === undefined ? {} : { onlyCase: Number(values.case) };
  const { failure, cases, read, marked, refused } = await fuzz({
    module: MODULE,
    target,
    seed,
    milliseconds,
    ...onlyCase,
  });
  const counts = `${cases} cases: ${read} read, ${marked} marked, ${refused} refused`;
  if (failure === null) {
    console.log(`${target}: ${counts}`);
    continue;
  }
  process.exitCode = 1;
  console.log(`${target}: FAILED at case ${failure.case}: ${failure.found}
  input: ${failure.inputFile}
  again: npm run fuzz -- --target ${target} --seed ${seed} --case ${failure.case}`);
}
