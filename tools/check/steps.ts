/** One thing that must hold. Cheap steps come first, so that the usual mistake shows in seconds. */
export type Step = {
  readonly name: string;
  /** What holds when it passes. */
  readonly title: string;
  /** Commands, one after the other; the first word is a file or a program of node_modules/.bin. */
  readonly commands: readonly (readonly string[])[];
  /** Without this file the step has nothing to look at yet. */
  readonly needs?: string;
  /** The commands are one vitest run, whose tests are counted. */
  readonly tests?: boolean;
  /** May run beside another: nothing in it has a deadline that a busy machine could miss. */
  readonly shares?: boolean;
  /** Minutes after which the step is stopped and has failed. */
  readonly minutesMax: number;
};

function tests(project: string, title: string, minutesMax: number): Step {
  const command = ["vitest", "run", "--project", project];
  return { name: project, title, commands: [command], tests: true, minutesMax };
}

export const STEPS: readonly Step[] = [
  {
    name: "format",
    title: "files are formatted, imports sorted (npm run fix)",
    commands: [["biome", "ci", "--colors=off", "."]],
    shares: true,
    minutesMax: 2,
  },
  {
    name: "lint",
    title: "no floating promise, no open switch, no house rule broken",
    commands: [
      ["oxlint", "--deny-warnings", "--report-unused-disable-directives", "--format=stylish"],
    ],
    shares: true,
    minutesMax: 3,
  },
  {
    name: "types",
    title: "it compiles, each folder inside its walls",
    commands: [["tsc", "-b", "--pretty", "false"]],
    shares: true,
    minutesMax: 5,
  },
  {
    name: "walls",
    title: "imports follow the arrows between the folders",
    commands: [["tsx", "tools/walls.ts"]],
    shares: true,
    minutesMax: 3,
  },
  {
    name: "dead",
    title: "no unused file, export or dependency",
    commands: [["knip", "--no-progress"]],
    shares: true,
    minutesMax: 3,
  },
  {
    name: "copies",
    title: "at most 2 % of the code stands twice",
    commands: [
      ["jscpd", "src"],
      ["jscpd", "src/vcs", "src/ci", "src/store"],
    ],
    shares: true,
    minutesMax: 2,
  },
  {
    name: "codegen",
    title: "generated files are current (npm run codegen)",
    commands: [
      ["tsx", "tools/reference.ts", "--check"],
      ["tsx", "tools/codegen.ts", "--check"],
    ],
    needs: "tools/codegen.ts",
    shares: true,
    minutesMax: 3,
  },
  { ...tests("tidy", "our own rules", 3), shares: true },
  { ...tests("unit", "values in, values out", 8), shares: true },
  {
    name: "build",
    title: "server, command line, runner and dashboard build",
    commands: [["tsx", "tools/build.ts"]],
    shares: true,
    minutesMax: 3,
  },
  tests("db", "the store on a real PostgreSQL", 6),
  tests("conformance", "every adapter passes the same suite", 8),
  tests("sim", "seeded simulations keep the invariants", 6),
  tests("e2e", "the whole product, from outside", 30),
];
