import { chmod, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { apiOf } from "../api.ts";
import { checkTools } from "../commands/doctor.ts";
import { type Host, UsageError } from "../host.ts";
import { paint, plain } from "../print.ts";
import { gitOf } from "./git.ts";
import { type RepoDemo, repoJourney } from "./repo-journey.ts";
import type { DemoReport } from "./report.ts";
import { type Narrator, sampleJourney } from "./sample-journey.ts";

export interface DemoOptions {
  readonly once?: boolean;
  readonly json?: boolean;
  readonly repo?: string;
  readonly head?: string;
  readonly base?: string;
  readonly apply?: boolean;
  readonly port: number;
}

export async function runDemo(host: Host, options: DemoOptions): Promise<void> {
  const repo = repoOptions(options);
  await checkTools(host);
  const started = performance.now();
  const scratch = await mkdtemp(join(tmpdir(), "terrane-demo-"));
  // The database's account must be able to pass through; what is secret inside is closed by itself.
  await chmod(scratch, 0o711);
  let failed = false;
  try {
    const server = await host.startServer({
      dataDir: join(scratch, "data"),
      port: options.port,
      databaseUrl: undefined,
      logLevel: "silent",
      ofItsOwn: true,
    });
    try {
      const page = `${server.url}/#token=${server.token}`;
      const tell = narrator(host, options.json === true);
      tell.say(`Dashboard: ${page}`);
      const git = gitOf(host.env["PATH"] ?? "");
      const api = apiOf(server.url, server.token);
      const tally =
        repo === undefined
          ? await sampleJourney(api, git, tell)
          : await repoJourney(api, git, tell, { ...repo, scratch });
      const report = await tally.report(started, page);
      failed = !report.ok;
      summary(host, report, options.json === true);
      if (options.once !== true) {
        host.err(`The server stays up. Dashboard: ${page}`);
        host.err("Press Ctrl-C to stop it and to remove the demo's data.");
        await host.untilStopped();
      }
    } finally {
      await server.stop();
    }
  } finally {
    await rm(scratch, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
  }
  if (failed) process.exitCode = 1;
}

function repoOptions(options: DemoOptions): Omit<RepoDemo, "scratch"> | undefined {
  const { repo, head, base } = options;
  if (repo === undefined) {
    if (head !== undefined || base !== undefined || options.apply === true) {
      throw new UsageError("--head, --base and --apply go with --repo.", "Add --repo PATH.");
    }
    return undefined;
  }
  if (head === undefined || base === undefined) {
    throw new UsageError("--repo needs --head BRANCH and --base BRANCH.");
  }
  return { path: repo, head, base, apply: options.apply === true };
}

/** With `--json` the story goes to standard error, so that standard output holds the object alone. */
function narrator(host: Host, json: boolean): Narrator {
  const line = (text: string) => (json ? host.err(text) : host.out(text));
  return {
    chapter: (text) => line(`\n${paint(host, "bold", text)}`),
    say: (text) => line(`  ${plain(text)}`),
    comment(pull, markdown) {
      line(paint(host, "dim", `  ┌ comment on #${pull}`));
      for (const text of plain(markdown).split("\n")) line(`${paint(host, "dim", "  │")} ${text}`);
      line(paint(host, "dim", "  └"));
    },
  };
}

function summary(host: Host, report: DemoReport, json: boolean): void {
  for (const problem of report.problems) host.err(paint(host, "red", `  problem: ${problem}`));
  const text = `${report.plans} plans, ${report.applies} applies, ${report.refusals} refusals in ${report.seconds} s`;
  if (json) {
    host.out(JSON.stringify(report));
    return;
  }
  host.out("");
  host.out(
    report.ok
      ? paint(host, "green", `Done: ${text}.`)
      : paint(host, "red", `Ended with problems: ${text}.`),
  );
}
