import type { Command } from "commander";
import type { ReasonView } from "../../contract/views.ts";
import type { WhyDirspaceView, WhyView } from "../../contract/why.ts";
import type { Host } from "../host.ts";
import { paint, plain } from "../print.ts";
import { connect, number, type RemoteOptions, remoteCommand, repositoryId } from "./remote.ts";

/** Decisions are a long story; the last ones are what most people ask for. */
const DECISIONS_PRINTED_MAX = 15;

export function whyCommand(host: Host): Command {
  return remoteCommand(
    host,
    "why",
    "where a pull request stands, by which rule, what it waits for, and every decision",
  )
    .argument("<number>", "pull request")
    .argument("[dirspace]", "one directory, dir:workspace or file, also one that is not touched")
    .option("--repo <name>", "which repository")
    .option("--all", "every decision that is kept, instead of the last ones")
    .action(async (given: string, asked: string | undefined, options: WhyOptions) => {
      const api = await connect(host, options);
      const repository = await repositoryId(api, options.repo);
      const ask = (before: string | undefined) =>
        api("why", {
          repository,
          number: number(given),
          ...(asked === undefined ? {} : { dirspace: asked }),
          ...(before === undefined ? {} : { before }),
        });
      let why = await ask(undefined);
      while (options.all === true && why.before !== null) {
        const older = await ask(why.before);
        why = { ...why, decisions: [...why.decisions, ...older.decisions], before: older.before };
      }
      if (options.json === true) return host.out(JSON.stringify(why));
      print(host, why, options.all === true);
    });
}

interface WhyOptions extends RemoteOptions {
  readonly repo?: string;
  readonly all?: boolean;
}

function print(host: Host, why: WhyView, all: boolean): void {
  host.out(paint(host, "bold", `${why.repository} #${why.pullRequest}`));
  // Where nothing is touched, what was said last is the answer; of one path something else is.
  if (why.dirspaces.length === 0 && why.target === null) printReasons(host, why.said, "");
  for (const one of why.dirspaces) printDirspace(host, one);
  if (why.total > why.dirspaces.length) {
    host.out(`… and ${why.total - why.dirspaces.length} more dirspaces; name one.`);
  }
  if (why.target !== null) {
    host.out("");
    const word = why.target.affected ? "is part of the change" : "is not part of the change";
    host.out(`${paint(host, "bold", plain(why.asked ?? ""))} ${word}`);
    const texts = why.target.reasons.filter((text) => plain(text) !== `\`${why.asked}\` ${word}.`);
    for (const text of texts) host.out(`  ${plain(text)}`);
  }
  if (why.undecided > 0) host.out(`\n${why.undecided} events wait to be decided.`);
  for (const one of why.setAside) {
    host.out(`\n${one.at}  An event (${one.kind}) could not be decided: ${plain(one.error)}`);
  }
  for (const one of why.ignored) {
    host.out(`${one.at}  Ignored delivery ${plain(one.delivery)}: ${plain(one.because)}`);
  }
  // A path has no story of its own.
  if (why.target === null) printDecisions(host, why, all);
}

function printDirspace(host: Host, one: WhyDirspaceView): void {
  host.out("");
  const gone = one.affected ? "" : ", no longer touched";
  host.out(`${paint(host, "bold", plain(one.key))}  ${one.phase.replaceAll("_", " ")}${gone}`);
  for (const because of one.because) host.out(`  because ${plain(because)}`);
  for (const { about, rule } of one.rules) host.out(`  rule for ${about}: ${plain(rule.text)}`);
  if (one.waits.length === 0) host.out("  waits for nothing");
  for (const wait of one.waits) {
    host.out(`  waits for ${wait.on.replaceAll("_", " ")}`);
    printReason(host, wait, "    ");
  }
}

function printDecisions(host: Host, why: WhyView, all: boolean): void {
  if (why.decisions.length === 0) return;
  host.out(`\n${paint(host, "bold", "Decisions")}, newest first`);
  const shown = all ? why.decisions : why.decisions.slice(0, DECISIONS_PRINTED_MAX);
  for (const { at, event, reasons } of shown) {
    host.out(`${at}  ${plain(event.text)}${event.delivery === null ? "" : ` [${event.delivery}]`}`);
    printReasons(host, reasons, "  ");
  }
  if (shown.length < why.decisions.length || why.before !== null) {
    host.out("Older ones: --all.");
  }
}

function printReasons(host: Host, reasons: readonly ReasonView[], indent: string): void {
  for (const reason of reasons) printReason(host, reason, indent);
}

function printReason(host: Host, reason: ReasonView, indent: string): void {
  host.out(`${indent}${reason.code}  ${plain(reason.title)}: ${plain(reason.cause)}`);
  const rules = (reason.rules ?? []).map(({ text }) => plain(text));
  if (rules.length > 0) host.out(`${indent}  Rule: ${rules.join(", ")}`);
  if (reason.next !== null) host.out(`${indent}  Next: ${plain(reason.next)}`);
}
