import type { Command } from "commander";
import type { Host } from "../host.ts";
import { table } from "../print.ts";
import { connect, type RemoteOptions, remoteCommand } from "./remote.ts";

const NOTES = `
Events that could not be decided and effects that were rejected are not tried again by themselves. Mend the cause,
then have one tried again by its id.

Examples:
  terrane set-aside
  terrane set-aside --repeat event-0b9a…`;

interface Options extends RemoteOptions {
  readonly repeat?: string;
}

export function setAsideCommand(host: Host): Command {
  return remoteCommand(host, "set-aside", "what failed for good; have it tried again")
    .option("--repeat <id>", "have this one tried again")
    .addHelpText("after", NOTES)
    .action(async (options: Options) => {
      const api = await connect(host, options);
      if (options.repeat !== undefined) {
        await api("repeat", { id: options.repeat });
        return host.out(options.json === true ? '{"ok":true}' : "It is tried again now.");
      }
      const all = await api("setAside", {});
      if (options.json === true) return host.out(JSON.stringify(all));
      if (all.length === 0) return host.out("Nothing is set aside.");
      const rows = all.map((one) => [
        one.id,
        one.what,
        `${one.repository}#${one.pullRequest}`,
        one.since,
        one.error.split("\n")[0] ?? "",
      ]);
      host.out(table(["id", "what", "pull request", "since", "error"], rows));
    });
}
