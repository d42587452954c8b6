import { configDefaults, defineConfig } from "vitest/config";
import { LongestFirst } from "./tools/longest-first.ts";
import { testFooter } from "./tools/test-footer.ts";

/** Every project has its own place and its own speed; they run one after the other. */
type Project = {
  readonly name: string;
  readonly include: readonly string[];
  readonly exclude?: readonly string[];
  /** Milliseconds for one test, and for one hook. */
  readonly limit: number;
  /** Test files at a time. Continuous integration has two cores; whoever starts real processes waits for them half of the time. */
  readonly workers: number;
  /** Before the run and after it. */
  readonly setup?: readonly string[];
  /** Files share one process and what it has loaded, because they leave nothing behind. */
  readonly shared?: boolean;
};

/** Starts one PostgreSQL for the run; every test file copies a migrated template. */
const DATABASE_SETUP = "test/support/database-setup.ts";
/** A place for what is built once for all files of a run. */
const BUILD_SETUP = "test/support/build-setup.ts";

const PROJECTS: readonly Project[] = [
  { name: "tidy", include: ["tools/tidy.test.ts"], limit: 30_000, workers: 1 },
  {
    name: "unit",
    include: ["src/**/*.test.{ts,tsx}", "tools/**/*.test.ts", "test/support/**/*.test.ts"],
    exclude: ["tools/tidy.test.ts"],
    limit: 15_000,
    workers: 2,
    shared: true,
  },
  {
    name: "db",
    include: ["test/db/**/*.test.ts"],
    limit: 60_000,
    workers: 3,
    setup: [DATABASE_SETUP],
  },
  {
    name: "conformance",
    include: ["test/conformance/**/*.test.ts"],
    limit: 60_000,
    workers: 3,
    setup: [DATABASE_SETUP],
  },
  { name: "sim", include: ["test/sim/**/*.test.ts"], limit: 300_000, workers: 2 },
  {
    name: "e2e",
    include: ["test/e2e/**/*.test.ts"],
    limit: 180_000,
    workers: 4,
    setup: [DATABASE_SETUP, BUILD_SETUP],
    shared: true,
  },
];

export default defineConfig({
  cacheDir: ".cache/vite",
  test: {
    reporters: [process.env["CI"] ? ["dot", {}] : ["default", {}], testFooter()],
    passWithNoTests: true,
    sequence: { sequencer: LongestFirst },
    projects: PROJECTS.map((project, order) => ({
      extends: true,
      test: {
        name: project.name,
        include: [...project.include],
        exclude: [...configDefaults.exclude, ...(project.exclude ?? [])],
        testTimeout: project.limit,
        hookTimeout: project.limit,
        globalSetup: [...(project.setup ?? [])],
        pool: "forks",
        isolate: project.shared !== true,
        maxWorkers: project.workers,
        sequence: { groupOrder: order },
      },
    })),
  },
});
