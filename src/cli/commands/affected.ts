import { Command } from "commander";
import type { Host } from "../host.ts";
import type { AffectedOptions } from "../workbench/affected.ts";
import { sourceOptions } from "./config.ts";

const EXAMPLES = `
In a git checkout it compares the working tree, with new files that git does not ignore, with the
place where its branch left the default branch: what a pull request of it all would touch.

Lists have one path a line. In a list of changes a line is a path, or one of
  A path    M path    D path    R old new
with a tab between old and new where names contain blanks. The output of git diff --name-status is
such a list. A file that is called "D x" or "D" is written "M D x" or "M D". - is standard input.

Examples:
  terrane affected
  terrane affected --diff main...feature --json
  terrane affected --why envs/prod/network
  terrane affected --config config.yml --tree files.txt --changed changed.txt
  terrane affected --dot | dot -Tsvg > order.svg

Exit status: 0 answered, 1 errors in the configuration or its graph, 2 wrong use.`;

interface Options extends AffectedOptions {
  readonly json?: boolean;
  readonly dot?: boolean;
}

export function affectedCommand(host: Host): Command {
  return sourceOptions(new Command("affected"))
    .description("which dirspaces a change touches, in which order, and why")
    .option("--config <file>", "a configuration in place of the repository's own")
    .option("--tree <file>", "list of the repository's files (default: the checkout's)")
    .option("--changed <file>", "list of what changes")
    .option("--diff <range>", "A..B, A...B (from where they parted), or A (to the working tree)")
    .option("--branch <name>", "the branch with the change, for branch: tags")
    .option("--dest-branch <name>", "the branch it goes into (default: the default branch)")
    .option("--index <file>", "what the code refers to, as JSON (default: read from the checkout)")
    .option("--repo <dir>", "the checkout", ".")
    .option("--why <target>", "why a dir, dir:workspace or file is affected, or is not")
    .option("--dot", "print the order as a graph for Graphviz")
    .option("--json", "print JSON")
    .addHelpText("after", EXAMPLES)
    .action(async (options: Options) => {
      const [{ exitStatus, findAffected }, print] = await Promise.all([
        import("../workbench/affected.ts"),
        import("../workbench/print-affected.ts"),
      ]);
      const answer = await findAffected(host, options);
      if (options.json === true) host.out(JSON.stringify(print.affectedJson(answer)));
      else if (options.dot === true) host.out(print.affectedDot(answer));
      else print.printAffected(host, answer);
      process.exitCode = exitStatus(answer);
    });
}
