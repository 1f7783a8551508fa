/**
 * Which folder of src/ may import which, and where each package is at home. `npm run layers` applies it.
 *
 * Only the swc parser is right here: with its own choice of parser dependency-cruiser finds no TypeScript 7 compiler
 * that it knows, sees no import at all and reports success. test/layers/check-layers.ts fails when that happens.
 */

/** Every folder of src/ with the other folders that it may import. A folder that is not here is refused. */
const LAYERS = {
  mail: [],
  sqlite: [],
  store: ["mail"],
  hash: ["mail"],
  compare: ["mail"],
  scan: ["mail", "store", "hash"],
  manifest: ["mail", "sqlite"],
  history: ["mail", "sqlite"],
  findings: ["mail", "sqlite", "compare"],
  trend: ["mail", "compare"],
  worklist: ["mail", "compare"],
  report: ["mail", "compare", "trend"],
  demo: ["mail"],
};

/** The folder that wires everything: it may import all of them, and none of them imports it. */
const TOP = "cli";

/** Layers that turn values into values: they reach neither the disk nor the machine nor threads. */
const PURE = ["mail", "compare", "trend", "report", "worklist"];

/** Every package that ships, with the folders that may import it. */
const HOMES = {
  "fast-glob": ["scan"],
  piscina: ["scan"],
  "xxhash-wasm": ["hash"],
  "better-sqlite3": ["sqlite"],
  commander: ["cli"],
  "@commander-js/extra-typings": ["cli"],
  "cli-progress": ["cli"],
  "cli-table3": ["report", "cli"],
  "pretty-bytes": ["report", "cli"],
  "get-east-asian-width": ["report", "cli"],
  // Optional: what only pages need, loaded with them.
  "@observablehq/plot": ["report/html"],
  linkedom: ["report/html"],
  eta: ["report/html"],
  "smol-toml": ["cli"],
  valibot: ["cli"],
  "@bomb.sh/tab": ["cli"],
};

const anyOf = (words) => `(${words.join("|")})`;
const inPackages = (names) => `(^|/)node_modules/(@types/)?${anyOf(names)}/`;
const NPM_TYPES = ["npm", "npm-dev", "npm-optional", "npm-peer", "npm-bundled", "npm-no-pkg", "npm-unknown"];

const layerRules = Object.entries(LAYERS).map(([folder, imports]) => ({
  name: `layer-${folder}`,
  comment: `src/${folder} may import ${["src/errors.ts", ...imports.map((other) => `src/${other}`)].join(", ")} only.`,
  severity: "error",
  from: { path: `^src/${folder}/` },
  to: { path: "^src/", pathNot: `^src/(${anyOf([folder, ...imports])}/|errors[.]ts$)` },
}));

const homeRules = Object.entries(HOMES).map(([name, folders]) => ({
  name: `home-of-${name}`,
  comment: `${name} is imported in src/${anyOf(folders)} only.`,
  severity: "error",
  from: { path: "^src/", pathNot: `^src/${anyOf(folders)}/` },
  to: { path: inPackages([name]) },
}));

module.exports = {
  forbidden: [
    ...layerRules,
    ...homeRules,
    {
      name: "folder-not-listed",
      comment: "Every file of src lies in a folder that LAYERS lists; beside them stand errors.ts and index.ts only.",
      severity: "error",
      // A rule on the number of dependents, because only such a rule sees a file that imports nothing. 100 is the most
      // that it can say; a file with more is imported from a listed folder, whose own rule refuses it.
      from: {},
      module: {
        path: "^src/",
        pathNot: `^src/(${anyOf([...Object.keys(LAYERS), TOP])}/|(errors|index)[.]ts$)`,
        numberOfDependentsLessThan: 100,
      },
    },
    {
      name: "errors-alone",
      comment: "Everything may import errors.ts, so it imports nothing of ours.",
      severity: "error",
      from: { path: "^src/errors[.]ts$" },
      to: { path: "^src/" },
    },
    {
      name: "cli-on-top",
      comment: "Nothing in src imports the command line.",
      severity: "error",
      from: { path: "^src/", pathNot: `^src/${TOP}/` },
      to: { path: `^src/${TOP}/` },
    },
    {
      name: "formats-apart",
      comment: "Formats of mail stores never import each other; what two share is a folder of its own, added here.",
      severity: "error",
      from: { path: "^src/store/([^/]+)/" },
      to: { path: "^src/store/[^/]+/", pathNot: "^src/store/$1/" },
    },
    {
      name: "pure-layers",
      comment: "These layers turn values into values: no disk, no machine, no threads, no processes, no network.",
      severity: "error",
      from: { path: `^src/${anyOf(PURE)}/` },
      to: {
        dependencyTypes: ["core"],
        path: "^(node:)?(fs|os|worker_threads|child_process|cluster|net|tls|dgram|dns|http|https|http2|sqlite)(/|$)",
      },
    },
    {
      name: "src-alone",
      comment: "What ships never imports yardsticks, tests or build steps.",
      severity: "error",
      from: { path: "^src/" },
      to: { path: "^(native-bench|test|[.]build|[.]ci|dist)/" },
    },
    {
      name: "package-without-a-home",
      comment: "A new package that ships needs its reason in the commit and its home in HOMES.",
      severity: "error",
      from: { path: "^src/" },
      to: { dependencyTypes: NPM_TYPES, pathNot: inPackages(Object.keys(HOMES)) },
    },
    {
      name: "ships-with-its-packages",
      comment: "A package that only developers have would be missing where the program is installed.",
      severity: "error",
      from: { path: "^src/" },
      // A peer is a developer's package too, and is asked for by name where it is missing.
      to: { dependencyTypes: ["npm-dev", "npm-no-pkg", "npm-unknown"], dependencyTypesNot: ["type-only", "npm-peer"] },
    },
    {
      name: "no-cycles",
      comment: "Files that need each other are one subject, or lack a third.",
      severity: "error",
      from: { path: "^(src|test|native-bench)/" },
      to: { circular: true },
    },
    {
      name: "resolvable",
      comment: "An import that leads nowhere is checked by no other rule.",
      severity: "error",
      from: {},
      to: { couldNotResolve: true },
    },
  ],
  options: {
    parser: "swc",
    doNotFollow: { path: "(^|/)(node_modules|dist)/" },
    exclude: { path: "^test/(fixtures|golden)/" },
    enhancedResolveOptions: {
      exportsFields: ["exports"],
      conditionNames: ["import", "types", "node", "default", "require"],
    },
  },
};
