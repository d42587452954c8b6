import { configDefaults, defineConfig } from "vitest/config";
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
  /** Starts one PostgreSQL for the run; every test file copies a migrated template. */
  readonly database?: boolean;
};

const DATABASE_SETUP = "test/support/database-setup.ts";

const PROJECTS: readonly Project[] = [
  { name: "tidy", include: ["tools/tidy.test.ts"], limit: 30_000, workers: 1 },
  {
    name: "unit",
    include: ["src/**/*.test.{ts,tsx}", "tools/**/*.test.ts", "test/support/**/*.test.ts"],
    exclude: ["tools/tidy.test.ts"],
    limit: 15_000,
    workers: 2,
  },
  { name: "db", include: ["test/db/**/*.test.ts"], limit: 60_000, workers: 2, database: true },
  {
    name: "conformance",
    include: ["test/conformance/**/*.test.ts"],
    limit: 60_000,
    workers: 2,
    database: true,
  },
  { name: "sim", include: ["test/sim/**/*.test.ts"], limit: 300_000, workers: 2 },
  { name: "e2e", include: ["test/e2e/**/*.test.ts"], limit: 180_000, workers: 3, database: true },
];

export default defineConfig({
  cacheDir: ".cache/vite",
  test: {
    reporters: [process.env["CI"] ? ["dot", {}] : ["default", {}], testFooter()],
    passWithNoTests: true,
    projects: PROJECTS.map((project, order) => ({
      extends: true,
      test: {
        name: project.name,
        include: [...project.include],
        exclude: [...configDefaults.exclude, ...(project.exclude ?? [])],
        testTimeout: project.limit,
        hookTimeout: project.limit,
        globalSetup: project.database === true ? [DATABASE_SETUP] : [],
        pool: "forks",
        maxWorkers: project.workers,
        sequence: { groupOrder: order },
      },
    })),
  },
});
