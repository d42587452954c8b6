import type { SetupItem } from "../../contract/setup.ts";
import { connect, type RemoteOptions } from "../commands/remote.ts";
import type { Host } from "../host.ts";
import { paint, plain } from "../print.ts";
import { knownOrAdopted } from "./adopt.ts";

const MARKS = {
  done: ["done", "green"],
  waiting: ["waits", "yellow"],
  wrong: ["wrong", "red"],
} as const;

/** Prints the checklist of a repository. */
export async function printStatus(
  host: Host,
  named: string | undefined,
  options: RemoteOptions,
): Promise<void> {
  const api = await connect(host, options);
  const repository = await knownOrAdopted(api, named);
  const view = await api("setup", { repository });
  if (!view.planned) process.exitCode = 1;
  if (options.json === true) return host.out(JSON.stringify(view, undefined, 2));
  host.out(view.repository);
  for (const item of view.items) host.out(linesOf(host, item).join("\n"));
  const file = view.items.find(({ id }) => id === "workflow");
  if (!view.canPropose || file === undefined || file.state === "done" || file.command === null)
    return;
  host.out("\nThe server can open the pull request with the files that are missing:");
  host.out(`  ${file.command.replace(/ --.*$/, "")} --pull-request --repo ${view.repository}`);
}

const INDENT = " ".repeat(8);

function linesOf(host: Host, item: SetupItem): readonly string[] {
  const [mark, colour] = MARKS[item.state];
  const head = `${paint(host, colour, mark.padEnd(6))}  ${item.title}`;
  if (item.state === "done") return [head];
  const { detail, next, command, url } = item;
  const more = [detail, next, command === null ? null : `$ ${command}`, url];
  return [head, ...more.flatMap((text) => (text === null ? [] : [`${INDENT}${plain(text)}`]))];
}
