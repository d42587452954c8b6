import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { treeFiles } from "./files.ts";

/** Below this share of the files on disk the report is about something else than our tree. */
const CRUISED_SHARE_MIN = 0.9;

type Cruise = {
  readonly modules: readonly { readonly source: string }[];
  readonly summary: {
    readonly violations: readonly {
      readonly from: string;
      readonly to: string;
      readonly rule: { readonly name: string };
      readonly comment?: string;
      readonly cycle?: readonly { readonly name: string }[];
    }[];
  };
};

/**
 * Runs dependency-cruiser and returns what is wrong. With a compiler it does not know it reports
 * "no violations (0 modules)" and exits with 0, so a report about too few files is a failure too.
 */
export function brokenWalls(root: string): readonly string[] {
  const folders = ["src", "test", "tools"].filter((folder) => existsSync(join(root, folder)));
  const files = treeFiles(root, ...folders).filter((path) => /(?<!\.d)\.tsx?$/.test(path));
  const report = cruise(root, folders);

  const cruised = new Set(report.modules.map((module) => module.source));
  const missing = files.filter((path) => !cruised.has(path) && !path.includes("/fixtures/"));
  const few = cruised.size === 0 || missing.length > files.length * (1 - CRUISED_SHARE_MIN);
  return [
    ...(few
      ? [
          `looked at ${files.length - missing.length} of ${files.length} files, so it proves nothing`,
        ]
      : []),
    ...report.summary.violations.map((violation) => {
      const path = violation.cycle?.map((step) => step.name).join(" → ") ?? violation.to;
      return `${violation.rule.name}: ${violation.from} → ${path}`;
    }),
  ];
}

function cruise(root: string, folders: readonly string[]): Cruise {
  const repository = fileURLToPath(new URL("..", import.meta.url));
  const json = execFileSync(
    join(repository, "node_modules/.bin/depcruise"),
    ["--config", join(repository, ".dependency-cruiser.cjs"), "--output-type", "json", ...folders],
    { cwd: root, encoding: "utf8", maxBuffer: 256 * 1024 * 1024 },
  );
  return JSON.parse(json) as Cruise;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  const broken = brokenWalls(process.cwd());
  for (const line of broken) process.stdout.write(`${line}\n`);
  if (broken.length > 0) {
    process.stdout.write("The arrows and their reasons: .dependency-cruiser.cjs\n");
    process.exitCode = 1;
  }
}
