import { Command } from "commander";
import type { Host } from "../host.ts";
import type { QueryOptions } from "../workbench/ask-query.ts";

const EXAMPLES = `
--dir and --workspace also give the automatic tags dir:… and workspace:….

Examples:
  terrane query 'prod and not legacy' --tags prod,web
  terrane query 'network in dir' --dir envs/prod/network
  terrane query 'dir:envs/prod workspace:blue' --dir envs/prod --workspace blue
  terrane query 'relative_dir:../network' --dir envs/prod/network --working-dir envs/prod/app

Exit status: 0 it could be answered, 2 it is no query or wrong use; with --exit-code 1 for false.`;

export function queryCommand(host: Host): Command {
  return new Command("query")
    .description("ask whether a tag query matches, and why")
    .argument("<query>", "a tag query; an empty one matches everything")
    .option("--tags <tags>", "tags, with commas between them; can be given again", collect)
    .option("--dir <dir>", "the directory of the dirspace")
    .option("--workspace <name>", "its workspace")
    .option("--working-dir <dir>", "the directory whose depends_on asks, for relative_dir:")
    .option("--exit-code", "exit with 1 when the answer is false")
    .option("--explain", "with --json: also why, part by part")
    .option("--json", "print JSON")
    .addHelpText("after", EXAMPLES)
    .action(async (query: string, options: QueryOptions) => {
      const { askQuery } = await import("../workbench/ask-query.ts");
      process.exitCode = askQuery(host, query, options);
    });
}

function collect(text: string, before: readonly string[] = []): readonly string[] {
  const tags = text.split(",").map((tag) => tag.trim());
  return [...before, ...tags.filter((tag) => tag !== "")];
}
