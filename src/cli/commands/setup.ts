import { Command, Option } from "commander";
import { type Host, UsageError } from "../host.ts";
import type { SetupCloud, SetupForge } from "../setup/offer.ts";
import type { FileOptions } from "../setup/write-files.ts";

/** `terrane setup`: the files of a repository, and what a cloud has to trust. */
export function setupCommand(host: Host): Command {
  const setup = new Command("setup").description(
    "write the CI workflow into a checkout, or print what a cloud has to trust",
  );
  for (const forge of host.setup.forges) setup.addCommand(forgeCommand(host, forge));
  for (const cloud of host.setup.clouds) setup.addCommand(cloudCommand(host, cloud));
  return setup;
}

const FORGE_HELP = `
Nothing is written over: a file that says something else stays, and nothing at all is written, until --force.
With --json there is one document: "written" (whether anything was), "files" (each with "path", "state" and, where
it says something else, "diff"), "next" (what is left to do). The states: written, unchanged, replaced, different,
yours (a file with things of your own, which lacks ours).`;

function forgeCommand(host: Host, forge: SetupForge): Command {
  const [first, ...others] = forge.files.map(({ path }) => path);
  return new Command(forge.name)
    .description(
      `write ${[first, ...others].join(" and ")}, and a configuration where there is none`,
    )
    .option("--force", "replace a file that says something else")
    .option("--print", "only print the files")
    .option("--dry-run", "only say what would be written, and how it differs from what is there")
    .option("--json", "print JSON")
    .addHelpText("after", FORGE_HELP)
    .action(async (options: FileOptions) => {
      const { setUpForge } = await import("../setup/write-files.ts");
      await setUpForge(host, forge, options);
    });
}

interface TrustOptions {
  readonly printTrust?: boolean;
  readonly repo: string;
  readonly branch: string;
  readonly planEnvironment?: string;
  readonly applyEnvironment?: string;
  readonly plainSubject?: boolean;
  readonly account?: string;
  readonly project?: string;
  readonly tenant?: string;
  readonly format: "native" | "hcl";
}

const HELP = `
It changes nothing: what to run or to apply goes to standard output, what to know to standard error.
Jobs of one repository, of the workflow file on its default branch, are trusted, and no others.`;

function cloudCommand(host: Host, cloud: SetupCloud): Command {
  return new Command(cloud.name)
    .description("print what lets plan and apply jobs sign in without a stored secret")
    .option("--print-trust", "print it; the only thing that this does")
    .requiredOption("--repo <owner/name>", "the repository")
    .option("--branch <name>", "its default branch", "main")
    .option("--plan-environment <name>", "the environment of jobs that plan")
    .option("--apply-environment <name>", "the environment of jobs that apply")
    .option("--plain-subject", "where the subject of the tokens is not adapted (less strict)")
    .option("--account <id>", "account, where the cloud has them")
    .option("--project <id>", "project, where the cloud has them")
    .option("--tenant <id>", "tenant, where the cloud has them")
    .addOption(
      new Option("--format <format>", "native (JSON or commands) or hcl")
        .choices(["native", "hcl"])
        .default("native"),
    )
    .addHelpText("after", HELP)
    .action((options: TrustOptions) => printTrust(host, cloud, options));
}

const REPOSITORY = /^[A-Za-z0-9_.-]{1,100}\/[A-Za-z0-9_.-]{1,100}$/;
/** What git takes for a branch, less what would mean something to a shell or a policy. */
const NAME = /^[A-Za-z0-9_.][A-Za-z0-9_./ -]{0,199}$/;
const ID = /^[A-Za-z0-9][A-Za-z0-9.:-]{0,99}$/;

function printTrust(host: Host, cloud: SetupCloud, options: TrustOptions): void {
  if (options.printTrust !== true) {
    const next = "Add it; nothing is changed in your cloud.";
    throw new UsageError("All that this does is --print-trust.", next, 2);
  }
  checked("--repo", options.repo, REPOSITORY);
  checked("--branch", options.branch, NAME);
  checked("--plan-environment", options.planEnvironment, NAME);
  checked("--apply-environment", options.applyEnvironment, NAME);
  checked("--account", options.account, ID);
  checked("--project", options.project, ID);
  checked("--tenant", options.tenant, ID);
  const trust = cloud.trust({
    repository: options.repo,
    branch: options.branch,
    planEnvironment: options.planEnvironment,
    applyEnvironment: options.applyEnvironment,
    plainSubject: options.plainSubject === true,
    account: options.account,
    project: options.project,
    tenant: options.tenant,
    format: options.format,
  });
  if (trust.kind === "missing") {
    throw new UsageError(
      `${trust.option} is missing.`,
      `Add it to \`terrane setup ${cloud.name}\`.`,
      2,
    );
  }
  host.out(trust.text.trimEnd());
  for (const note of trust.notes) host.err(note);
}

function checked(option: string, value: string | undefined, allowed: RegExp): void {
  if (value === undefined || allowed.test(value)) return;
  throw new UsageError(`${option} ${JSON.stringify(value)} cannot be used.`, undefined, 2);
}
