import { Command } from "commander";
import type { Host } from "../host.ts";
import type { CheckOptions } from "../workbench/check.ts";
import type { ShowOptions } from "../workbench/show.ts";
import type { TestOptions } from "../workbench/test-cases.ts";

const CHECK_EXAMPLES = `
Without FILE it checks the repository's own configuration, found from the working directory up. In a
git checkout it also looks at what that makes of the files beside it: cycles, keys that surprise.

Examples:
  terrane config check
  terrane config check --json | jq '.diagnostics[].message'
  terrane config check defaults.yml overrides.yml
  git show main:.terrane/config.yml | terrane config check -

Exit status: 0 no errors (warnings are allowed), 1 errors, 2 wrong use.`;

const SHOW_EXAMPLES = `
Each value is followed by where it was written. Keys in default_branch_overrides come from the default
branch, as they do for every pull request; --no-default-branch shows what the file itself says. A
file given with --config is shown by itself, unless --default-branch names the branch.

Examples:
  terrane config show
  terrane config show --ref origin/feature --json
  terrane config show --config new.yml --default-branch main
  terrane config show --central ../terrane-central --name infra

Exit status: 0 shown, 1 errors in the configuration, 2 wrong use.`;

const SCHEMA_EXAMPLES = `
Editors complete and check .terrane/config.yml with it:

  terrane config schema > .terrane/config.schema.json
  # first line of .terrane/config.yml
  # yaml-language-server: $schema=./config.schema.json`;

const TEST_EXAMPLES = `
Cases lie beside the configuration, in tests/*.yml. Each is a pull request in a few lines, and what
should come of it; the server's own code decides, so a case cannot say what the server would not do.

  people:
    sue: {role: write, teams: [sre]}
  cases:
    - name: production needs the team
      given: {changed: [envs/prod/main.tf], author: ann, approvals: [bob]}
      expect:
        affected: [envs/prod]
        order: [[envs/prod]]
        workflow: {envs/prod: 0}
        apply: {refused: not_approved}

Examples:
  terrane config test
  terrane config test --update         take snapshots of cases that expect nothing
  terrane config test --mutate         drop one rule at a time: which does no case notice?

Exit status: 0 every case holds (and every rule is noticed), 1 not so, 2 wrong use.`;

export function configCommand(host: Host): Command {
  const config = new Command("config").description("look at a configuration, without a server");
  config.addCommand(
    new Command("check")
      .description("find what is wrong in configuration files")
      .argument("[file...]", "files to check; - is standard input")
      .option(
        "--tree <file>",
        "list of the repository's files, one a line (default: the checkout's)",
      )
      .option("-q, --quiet", "errors only, and no summary")
      .option("--json", "print JSON")
      .addHelpText("after", CHECK_EXAMPLES)
      .action(async (files: readonly string[], options: CheckOptions) => {
        const { checkConfig } = await import("../workbench/check.ts");
        process.exitCode = await checkConfig(host, files, options);
      }),
  );
  config.addCommand(
    sourceOptions(new Command("show"))
      .description("show the effective configuration, and where each value comes from")
      .option("--ref <ref>", "a branch, tag or commit (default: the working tree)")
      .option("--config <file>", "a file in place of the repository's own")
      .option("--repo <dir>", "the checkout", ".")
      .option("--json", "print JSON")
      .addHelpText("after", SHOW_EXAMPLES)
      .action(async (options: ShowOptions) => {
        const { showConfig } = await import("../workbench/show.ts");
        process.exitCode = await showConfig(host, options);
      }),
  );
  config.addCommand(
    new Command("schema")
      .description("print the JSON Schema of configuration files, for editors")
      .addHelpText("after", SCHEMA_EXAMPLES)
      .action(async () => {
        const { CONFIG_SCHEMA } = await import("../workbench/config-schema.gen.ts");
        host.out(CONFIG_SCHEMA);
      }),
  );
  config.addCommand(
    new Command("test")
      .description("run the cases beside a configuration")
      .argument("[file...]", "files of cases (default: tests/*.yml beside the configuration)")
      .option("--config <file>", "the configuration (default: the repository's own)")
      .option("--tree <file>", "list of the repository's files (default: the checkout's)")
      .option("--repo <dir>", "the checkout", ".")
      .option("--update", "write down what cases without expectations come to")
      .option("--mutate", "drop one rule at a time, and name those that no case notices")
      .option("--json", "print JSON")
      .addHelpText("after", TEST_EXAMPLES)
      .action(async (files: readonly string[], options: TestOptions) => {
        const { testCases } = await import("../workbench/test-cases.ts");
        process.exitCode = await testCases(host, files, options);
      }),
  );
  return config;
}

/** Where configuration comes from besides the repository's own file. */
export function sourceOptions(command: Command): Command {
  return command
    .option(
      "--default-branch <ref>",
      "the branch that rules come from (default: origin/HEAD or main)",
    )
    .option("--no-default-branch", "leave the default branch out")
    .option("--central <dir>", "a checkout of the central repository")
    .option("--name <name>", "what this repository is called there (default: its directory)")
    .option("--built <file>", "what the config builder printed");
}
