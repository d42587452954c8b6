import { Command } from "commander";
import { affectedCommand } from "./commands/affected.ts";
import { appsCommand } from "./commands/apps.ts";
import { budgetCommand } from "./commands/budget.ts";
import { configCommand } from "./commands/config.ts";
import { demoCommand } from "./commands/demo.ts";
import { doctorCommand } from "./commands/doctor.ts";
import { prCommand } from "./commands/pr.ts";
import { queryCommand } from "./commands/query.ts";
import { replayCommand } from "./commands/replay.ts";
import { repoCommand } from "./commands/repo.ts";
import { locksCommand, runCommand } from "./commands/run.ts";
import { setAsideCommand } from "./commands/set-aside.ts";
import { setupCommand } from "./commands/setup.ts";
import { upCommand } from "./commands/up.ts";
import { verbCommand, workCommand } from "./commands/verb.ts";
import { whyCommand } from "./commands/why.ts";
import { type Host, UsageError } from "./host.ts";
import { paint } from "./print.ts";

const EXAMPLES = `
First steps:
  terrane doctor                       is everything here?
  terrane demo                         watch the main job on a sample repository
  terrane up                           start the server and the dashboard
  terrane setup --help                 write the CI workflow, print what a cloud has to trust

Every day:
  terrane pr open --head my-change     open a pull request (local repositories)
  terrane pr show 7                    where does it stand, and why
  terrane plan 7 dir:network           plan one directory again
  terrane apply 7                      apply what was reviewed
  terrane locks                        who holds what
  terrane why 7 network                where it stands, by which rule, what it waits for

Before you push, without a server:
  terrane config check                 is the configuration right?
  terrane affected                     what would a pull request touch, and why
  terrane plan --local                 plan it here, as the CI job would
  terrane query 'web and prod' --tags web

Commands that read take --json. Exit status: 0 done, 1 not done, 2 wrong use.`;

export function program(host: Host, version: string): Command {
  const root = new Command("terrane")
    .description("GitOps control plane for Terraform, OpenTofu and any command-line engine")
    .version(version, "-V, --version", "print the version")
    .showSuggestionAfterError()
    .configureOutput({
      writeOut: (text) => host.out(text.trimEnd()),
      writeErr: (text) => host.err(text.trimEnd()),
    })
    .addHelpText("after", EXAMPLES);
  const commands = [
    upCommand(host),
    demoCommand(host),
    doctorCommand(host),
    setupCommand(host),
    appsCommand(host),
    repoCommand(host),
    prCommand(host),
    workCommand(host, "plan"),
    workCommand(host, "apply"),
    verbCommand(host, "cancel"),
    verbCommand(host, "unlock"),
    verbCommand(host, "force-unlock"),
    runCommand(host),
    locksCommand(host),
    setAsideCommand(host),
    budgetCommand(host),
    whyCommand(host),
    replayCommand(host),
    configCommand(host),
    affectedCommand(host),
    queryCommand(host),
  ];
  for (const command of commands) root.addCommand(command);
  return root;
}

/** Runs one command line and gives the exit status. */
export async function runCli(
  host: Host,
  version: string,
  args: readonly string[],
): Promise<number> {
  const root = program(host, version);
  exitByThrowing(root);
  try {
    await root.parseAsync([...args], { from: "user" });
    return Number(process.exitCode ?? 0);
  } catch (error) {
    if (isCommanderExit(error)) return error.exitCode === 0 ? 0 : 2;
    if (error instanceof UsageError) {
      host.err(`${paint(host, "red", "terrane:")} ${error.message}`);
      if (error.next !== undefined) host.err(`  ${error.next}`);
      return error.status;
    }
    throw error;
  }
}

/** commander ends the process by itself unless told otherwise, each command for itself. */
function exitByThrowing(command: Command): void {
  command.exitOverride();
  for (const child of command.commands) exitByThrowing(child);
}

function isCommanderExit(error: unknown): error is { readonly exitCode: number } {
  return error instanceof Error && error.name === "CommanderError" && "exitCode" in error;
}
