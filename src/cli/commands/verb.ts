import { type Command, Option } from "commander";
import { type Host, UsageError } from "../host.ts";
import type { LocalOptions } from "../local/work-here.ts";
import { about, act, type PrOptions, send } from "./pr.ts";

interface VerbOptions extends PrOptions {
  readonly blocking?: boolean;
}

const WORDS = {
  cancel: undefined,
  unlock: "other pull requests",
  "force-unlock": "the number once more or a directory, and the reason",
} as const;

/** `cancel`, `unlock` and `force-unlock` as commands of their own: the same text as in a comment. */
export function verbCommand(host: Host, verb: keyof typeof WORDS): Command {
  const command = act(host, verb, `give the command \`terrane ${verb}\` to a pull request`);
  if (verb === "unlock") command.option("--blocking", "unlock whoever is in its way");
  const words = WORDS[verb];
  if (words === undefined) {
    return command.action((given: string, options: VerbOptions) =>
      give(host, verb, given, [], options),
    );
  }
  return command
    .argument("[words...]", words)
    .action((given: string, more: readonly string[], options: VerbOptions) =>
      give(host, verb, given, more, options),
    );
}

const HELP = {
  plan: `
With --local the runner works on this checkout, with what is not committed in it, and no server is
asked: what \`terrane affected\` finds, or the directories named, in the order of their dependencies,
with the steps, engines and hooks of the configuration. Steps of type oidc are left out: you are
signed in to your cloud yourself. Nothing is stored, locked or told to anybody.

Examples:
  terrane plan 7 dir:network            plan one directory of pull request 7 again
  terrane plan --local                  plan what a pull request of this checkout would touch
  terrane plan --local envs/prod/app    plan one directory, whatever changed
  terrane plan --local --query prod --json

Exit status: 0 every plan worked, 1 not every one, 2 wrong use.`,
  apply: `
With --local it plans this checkout as \`terrane plan --local\` does, shows the plans, asks, and then
applies exactly those plan files. No lock of a server keeps others out meanwhile, and no approval is
asked for: it is for sandboxes and for emergencies. A plan that asks for an approval is not applied.
What waits for the applied ones is planned by the next call.

Examples:
  terrane apply 7                       apply what was reviewed in pull request 7
  terrane apply --local sandbox/app
  terrane apply --local --yes           without the question, for scripts

Exit status: 0 every apply worked, 1 not every one or the answer was no, 2 wrong use.`,
} as const;

const LOCAL = ["query", "base", "parallel", "verbose", "yes"] as const;
const REMOTE = ["server", "repo", "as"] as const;

type WorkOptions = VerbOptions & LocalOptions & { readonly local?: boolean };

/** `plan` and `apply`: for a pull request, or with `--local` for a checkout. */
export function workCommand(host: Host, verb: "plan" | "apply"): Command {
  const command = about(host, verb, `${verb} a pull request, or with --local this checkout`)
    .usage(`[options] <number> [query...]\n       terrane ${verb} --local [options] [dir...]`)
    .argument("[words...]", "a pull request and a tag query; with --local directories")
    .option("--local", "work on this checkout, without a server")
    .option("--query <query>", "with --local: only what the tag query matches")
    .option("--base <ref>", "with --local: what to compare with (default: the default branch)")
    .addOption(new Option("--parallel <n>", "with --local: how many at once").argParser(positive))
    .option("--verbose", "with --local: what the tools say, as they say it");
  if (verb === "apply") command.option("--yes", "with --local: do not ask");
  return command
    .addHelpText("after", HELP[verb])
    .action(async (words: readonly string[], options: WorkOptions) => {
      if (options.local === true) {
        refuse(options, REMOTE, "is for pull requests and does nothing with --local");
        const { workHere } = await import("../local/work-here.ts");
        process.exitCode = await workHere(host, verb, words, options);
        return;
      }
      refuse(options, LOCAL, "does nothing without --local");
      const [given, ...query] = words;
      if (given === undefined) {
        throw new UsageError(
          "Which pull request?",
          `\`terrane ${verb} 7\` names one; \`terrane ${verb} --local\` works on this checkout.`,
          2,
        );
      }
      await give(host, verb, given, query, options);
    });
}

async function give(
  host: Host,
  verb: string,
  given: string,
  words: readonly string[],
  options: VerbOptions,
): Promise<void> {
  const flags = options.blocking === true ? ["--blocking"] : [];
  const text = ["terrane", verb, ...words, ...flags].join(" ");
  await send(host, given, options, "command", { command: text });
}

/** An option that changes nothing would be taken for one that did. */
function refuse(
  options: WorkOptions,
  names: readonly (typeof LOCAL | typeof REMOTE)[number][],
  why: string,
): void {
  const used = names.find((name) => options[name] !== undefined);
  if (used !== undefined) throw new UsageError(`--${used} ${why}.`, undefined, 2);
}

const PARALLEL_MAX = 64;

function positive(text: string): number {
  const value = Number(text);
  if (Number.isInteger(value) && value >= 1 && value <= PARALLEL_MAX) return value;
  throw new UsageError(
    `--parallel ${text}: write a number from 1 to ${PARALLEL_MAX}.`,
    undefined,
    2,
  );
}
