import { Command } from "commander";
import type { Host } from "../host.ts";
import { table } from "../print.ts";
import { connect, type RemoteOptions, remoteCommand, repositoryId } from "./remote.ts";

export function repoCommand(host: Host): Command {
  const repo = new Command("repo").description("repositories of the server");
  repo.addCommand(
    remoteCommand(host, "list", "list them").action(async (options: RemoteOptions) => {
      const all = await (await connect(host, options))("repositories", {});
      if (options.json === true) return host.out(JSON.stringify(all));
      const rows = all.map((one) => [
        one.fullName,
        one.vcs,
        String(one.openPullRequests),
        one.cloneUrl ?? "",
      ]);
      host.out(table(["repository", "vcs", "open", "push to"], rows));
    }),
  );
  repo.addCommand(
    remoteCommand(host, "create", "make a local repository to push to")
      .argument("<name>")
      .option("--bare-dir <path>", "an existing bare repository on the server's disk")
      .action(async (name: string, options: RemoteOptions & { bareDir?: string }) => {
        const api = await connect(host, options);
        const { bareDir } = options;
        const made = await api(
          "createRepository",
          {},
          { name, ...(bareDir === undefined ? {} : { bareDir }) },
        );
        if (options.json === true) return host.out(JSON.stringify(made));
        host.out(`Made ${made.fullName}. Push to it with:`);
        host.out(`  git push ${made.cloneUrl ?? ""} main`);
      }),
  );
  repo.addCommand(
    remoteCommand(host, "allow", "set what a person may do in a local repository")
      .argument("<login>")
      .argument("<permission>", "admin, maintain, write, triage or read")
      .option("--repo <name>", "which repository")
      .action(
        async (login: string, permission: string, options: RemoteOptions & { repo?: string }) => {
          const api = await connect(host, options);
          const repository = await repositoryId(api, options.repo);
          await api("putPerson", { repository }, { login, permission: permission as "write" });
          host.out(`@${login} now has ${permission} access.`);
        },
      ),
  );
  repo.addCommand(teamCommand(host));
  return repo;
}

interface TeamOptions extends RemoteOptions {
  readonly repo?: string;
  readonly remove?: boolean;
}

function teamCommand(host: Host): Command {
  return remoteCommand(host, "team", "put a person into a team of the local repositories")
    .argument("<team>")
    .argument("<login>")
    .option("--remove", "take the person out of it")
    .option("--repo <name>", "a repository of this server, where there is more than one")
    .action(async (team: string, login: string, options: TeamOptions) => {
      const api = await connect(host, options);
      const repository = await repositoryId(api, options.repo);
      const member = options.remove !== true;
      await api("putTeamMember", { repository }, { team, login, member });
      host.out(`@${login} is ${member ? "now" : "no longer"} in team ${team}.`);
    });
}
