import type { Command } from "commander";
import type { Host } from "../host.ts";
import { paint, plain } from "../print.ts";
import { connect, number, type RemoteOptions, remoteCommand, repositoryId } from "./remote.ts";

export function whyCommand(host: Host): Command {
  return remoteCommand(host, "why", "every decision about a pull request, with its reasons")
    .argument("<number>", "pull request")
    .option("--repo <name>", "which repository")
    .action(async (given: string, options: RemoteOptions & { repo?: string }) => {
      const api = await connect(host, options);
      const repository = await repositoryId(api, options.repo);
      const { decisions } = await api("pullRequest", { repository, number: number(given) });
      if (options.json === true) return host.out(JSON.stringify(decisions));
      for (const decision of decisions) {
        host.out(`${decision.at}  ${paint(host, "bold", decision.event)}`);
        for (const reason of decision.reasons) {
          host.out(`  ${reason.code}  ${plain(reason.title)}: ${plain(reason.cause)}`);
        }
      }
    });
}
