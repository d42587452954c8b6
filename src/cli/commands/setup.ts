import { Command, Option } from "commander";
import { defaultDataDir } from "../data-dir.ts";
import { type Host, UsageError } from "../host.ts";
import type { SetupCloud, SetupForge } from "../setup/offer.ts";
import type { ProposalOptions } from "../setup/propose.ts";
import type { FileOptions } from "../setup/write-files.ts";
import { type RemoteOptions, remoteCommand } from "./remote.ts";

/** `terrane setup`: the files of a repository, and what a cloud has to trust. */
export function setupCommand(host: Host): Command {
  const setup = new Command("setup").description(
    "write the CI workflow into a checkout or propose it, say what is left to do, or print what a cloud has to trust",
  );
  setup.addCommand(statusCommand(host));
  for (const forge of host.setup.forges) setup.addCommand(forgeCommand(host, forge));
  for (const cloud of host.setup.clouds) setup.addCommand(cloudCommand(host, cloud));
  return setup;
}

const STATUS_HELP = `
Each step is done, waits for something, or is wrong; what is not done says what to do next. Nothing of it is stored: every
answer is looked up anew. Exit status: 0 when something was planned already, 1 before. With --json there is one document:
"repository", "planned" (whether something was), "canPropose" and "items" (each with "id", "state", "title", "detail", "next",
"command" and "url").`;

function statusCommand(host: Host): Command {
  return remoteCommand(
    host,
    "status",
    "say how far the set-up of a repository is, and what to do next",
  )
    .argument("[repository]", "OWNER/NAME; the only one may be left out")
    .addHelpText("after", STATUS_HELP)
    .action(async (named: string | undefined, options: RemoteOptions) => {
      const { printStatus } = await import("../setup/status.ts");
      await printStatus(host, named, options);
    });
}

const FORGE_HELP = `
Nothing is written over: a file that says something else stays, and nothing at all is written, until --force.
With --json there is one document: "written" (whether anything was), "files" (each with "path", "state" and, where
it says something else, "diff"), "next" (what is left to do). The states: written, unchanged, replaced, different,
yours (a file with things of your own, which lacks ours).

With --pull-request nothing is written here: the server opens a pull request with what the default branch lacks, or finds the one
it opened before. Where its app may not do that, the answer names the permissions, and editors with the files filled in; exit
status 1. With --json it is one document: "outcome" (opened, open, nothing_to_change or not_permitted), "pullRequest", "files",
"found", "lacks", "grantUrl", "byHand" and "next".`;

function forgeCommand(host: Host, forge: SetupForge): Command {
  const [first, ...others] = forge.files.map(({ path }) => path);
  return new Command(forge.name)
    .description(
      `write ${[first, ...others].join(" and ")}, and a configuration where there is none`,
    )
    .option("--force", "replace a file that says something else")
    .option("--print", "only print the files")
    .option("--dry-run", "only say what would be written, and how it differs from what is there")
    .option("--pull-request", "have the server open a pull request with the files instead")
    .option("--repo <owner/name>", "with --pull-request: for which repository")
    .option("--server <url>", "with --pull-request: the server")
    .option("--data-dir <path>", "data directory of the local server", defaultDataDir(host.env))
    .option("--json", "print JSON")
    .addHelpText("after", FORGE_HELP)
    .action(async (options: FileOptions & ProposalOptions & { pullRequest?: boolean }) => {
      if (options.pullRequest === true) {
        const { proposeFiles } = await import("../setup/propose.ts");
        return await proposeFiles(host, options);
      }
      const { setUpForge } = await import("../setup/write-files.ts");
      await setUpForge(host, forge, options);
    });
}

interface TrustOptions {
  readonly printTrust?: boolean;
  readonly forge: string;
  readonly url?: string;
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
Jobs of one repository on its default branch are trusted, and no others. What else a cloud can be told to compare (the workflow
file, the environment, who started the job) is bound where the forge's tokens say it; what is not bound is said.`;

function cloudCommand(host: Host, cloud: SetupCloud): Command {
  return new Command(cloud.name)
    .description("print what lets plan and apply jobs sign in without a stored secret")
    .option("--print-trust", "print it; the only thing that this does")
    .requiredOption("--repo <owner/name>", "the repository")
    .addOption(forgeOption(host))
    .option("--url <url>", "where the forge is, for an instance of your own")
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

function forgeOption(host: Host): Option {
  const names = host.setup.forges.map(({ name }) => name);
  return new Option("--forge <name>", "where the repository is").choices(names).default(names[0]);
}

const REPOSITORY = /^[A-Za-z0-9_.-]{1,100}\/[A-Za-z0-9_.-]{1,100}$/;
/** With folders of folders before its name. */
const NESTED = /^[A-Za-z0-9_.-]{1,100}(?:\/[A-Za-z0-9_.-]{1,100}){1,20}$/;
const URL_OF_FORGE = /^https:\/\/[a-z0-9-]+(?:\.[a-z0-9-]+)*(?::\d{1,5})?(?:\/[A-Za-z0-9_.-]+)*$/;
/** What git takes for a branch, less what would mean something to a shell or a policy. */
const NAME = /^[A-Za-z0-9_.][A-Za-z0-9_./ -]{0,199}$/;
const ID = /^[A-Za-z0-9][A-Za-z0-9.:-]{0,99}$/;

function printTrust(host: Host, cloud: SetupCloud, options: TrustOptions): void {
  if (options.printTrust !== true) {
    const next = "Add it; nothing is changed in your cloud.";
    throw new UsageError("All that this does is --print-trust.", next, 2);
  }
  const forge = host.setup.forges.find(({ name }) => name === options.forge);
  checked("--repo", options.repo, forge?.nested === true ? NESTED : REPOSITORY);
  checked("--url", options.url, URL_OF_FORGE);
  if (options.url !== undefined && forge?.ownInstances !== true) {
    const next = "Leave it out, and put the issuer of your instance into what is printed.";
    throw new UsageError(`--url does not go with --forge ${options.forge}.`, next, 2);
  }
  checked("--branch", options.branch, NAME);
  checked("--plan-environment", options.planEnvironment, NAME);
  checked("--apply-environment", options.applyEnvironment, NAME);
  checked("--account", options.account, ID);
  checked("--project", options.project, ID);
  checked("--tenant", options.tenant, ID);
  const trust = cloud.trust({
    forge: options.forge,
    url: options.url,
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
