/**
 * `npm run soak -- --minutes 60`: the test of a living pair for longer, with half of the time for each layout. It needs
 * the servers that `.ci/install-servers` installs. `--seed N` repeats the choices of a run, not its timing.
 */
import { spawnSync } from "node:child_process";
import { parseArgs } from "node:util";

const { values } = parseArgs({ options: { minutes: { type: "string", default: "60" }, seed: { type: "string" } } });
const minutes = Number(values.minutes);
if (!(minutes > 0)) throw new RangeError(`Cannot soak for --minutes "${values.minutes}": no positive number`);
const { status } = spawnSync(
  process.execPath,
  ["--test", "--test-reporter=spec", "--test-force-exit", "test/integration/cyrus-soak.test.ts"],
  {
    stdio: "inherit",
    env: {
      ...process.env,
      SPOOLDIFF_REQUIRE_SERVERS: "1",
      SPOOLDIFF_SOAK_MINUTES: String(minutes / 2),
      ...(values.seed === undefined ? {} : { SPOOLDIFF_SEED: values.seed }),
    },
  },
);
process.exitCode = status ?? 1;
