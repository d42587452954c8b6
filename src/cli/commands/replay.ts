import { existsSync } from "node:fs";
import { join } from "node:path";
import { Command } from "commander";
import { defaultDataDir } from "../data-dir.ts";
import { type Host, type ReplayReport, UsageError } from "../host.ts";
import { paint, plain } from "../print.ts";
import { number } from "./remote.ts";

interface Options {
  readonly dataDir: string;
  readonly databaseUrl?: string;
  readonly repo?: string;
  readonly pullRequest?: string;
  readonly since?: string;
  readonly limit: string;
  readonly json?: boolean;
}

const LIMIT_MAX = 100_000_000;

export function replayCommand(host: Host): Command {
  return new Command("replay")
    .description("make stored decisions once more, from the database, and report any difference")
    .option("--database-url <url>", "PostgreSQL of the server (default: $DATABASE_URL)")
    .option("--data-dir <path>", "data directory of a local server", defaultDataDir(host.env))
    .option("--repo <name>", "of one repository")
    .option("--pull-request <number>", "of one pull request")
    .option("--since <time>", "decided since then, as in 2026-11-01 or 2026-11-01T08:00:00Z")
    .option("--limit <count>", "at most so many, the newest first", "1000")
    .option("--json", "print JSON")
    .action(async (options: Options) => {
      const databaseUrl = options.databaseUrl ?? host.env["DATABASE_URL"];
      const isEmbedded = databaseUrl === undefined || databaseUrl === "";
      if (isEmbedded && !existsSync(join(options.dataDir, "postgres"))) {
        throw new UsageError(
          `There is no database in ${options.dataDir}.`,
          "Name the server's data directory with --data-dir, or its PostgreSQL with --database-url.",
        );
      }
      const report = await host.replay({
        dataDir: options.dataDir,
        databaseUrl,
        repository: options.repo,
        number: options.pullRequest === undefined ? undefined : number(options.pullRequest),
        since: sinceOf(options.since),
        limit: limitOf(options.limit),
      });
      const found = report.replayed + report.unreplayable;
      if (found === 0 && (options.repo ?? options.pullRequest) !== undefined) {
        // A misspelt name would look like a clean bill of health.
        throw new UsageError(
          "There is no decision of that repository or pull request in this database.",
          "Write --repo as the dashboard does, such as acme/infra, and look at --since.",
        );
      }
      if (options.json === true) host.out(JSON.stringify(report));
      else print(host, report);
      if (report.differences > 0) process.exitCode = 1;
    });
}

function sinceOf(text: string | undefined): Date | undefined {
  if (text === undefined) return undefined;
  const since = new Date(text);
  if (!Number.isNaN(since.getTime())) return since;
  throw new UsageError(
    `${text} is no time.`,
    "Write it as in 2026-11-01 or 2026-11-01T08:00:00Z.",
    2,
  );
}

function limitOf(text: string): number {
  const limit = /^\d{1,9}$/.test(text) ? Number(text) : 0;
  if (limit >= 1 && limit <= LIMIT_MAX) return limit;
  throw new UsageError(`${text} is no count.`, "Write --limit as a number from 1 on.", 2);
}

function print(host: Host, report: ReplayReport): void {
  const { replayed, same, differences, unreplayable, different, notReplayable } = report;
  for (const one of different) {
    host.out(
      `${paint(host, "red", "different")}  ${plain(one.repository)} #${one.pullRequest}  decision ${one.decision}  ${one.at}  ${one.event}`,
    );
    host.out(`  in ${one.parts.join(", ")}: ${plain(one.message)}`);
  }
  const because = new Map<string, number>();
  for (const one of notReplayable) because.set(one.because, (because.get(one.because) ?? 0) + 1);
  for (const [text, count] of because) host.out(`cannot be replayed, ${count}: ${plain(text)}`);
  host.out(
    `${replayed} replayed, ${same} the same, ${differences} different, ${unreplayable} that cannot be replayed.`,
  );
}
