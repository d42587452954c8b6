import { Command } from "commander";
import { LISTED_MAX } from "../../base/listed-max.ts";
import type { PullRequestDetail } from "../../contract/views.ts";
import type { Host } from "../host.ts";
import { paint, plain, table } from "../print.ts";
import { connect, number, type RemoteOptions, remoteCommand, repositoryId } from "./remote.ts";

export interface PrOptions extends RemoteOptions {
  readonly repo?: string;
  readonly as?: string;
}

export function prCommand(host: Host): Command {
  const pr = new Command("pr").description("pull requests");
  pr.addCommand(listCommand(host));
  pr.addCommand(openCommand(host));
  pr.addCommand(showCommand(host));
  pr.addCommand(
    act(host, "comment", "comment, also with a command such as `terrane plan`")
      .argument("<text>")
      .action((given: string, text: string, options: PrOptions) =>
        send(host, given, options, "comment", { body: text }),
      ),
  );
  for (const [name, verdict] of [
    ["approve", "approved"],
    ["request-changes", "changes_requested"],
    ["dismiss", "dismissed"],
  ] as const) {
    pr.addCommand(
      act(host, name, `review: ${name}`).action((given: string, options: PrOptions) =>
        send(host, given, options, "review", { verdict }),
      ),
    );
  }
  for (const [name, state] of [
    ["close", "closed"],
    ["reopen", "open"],
    ["draft", "draft"],
    ["ready", "ready"],
  ] as const) {
    pr.addCommand(
      act(host, name, `make it ${state}`).action((given: string, options: PrOptions) =>
        send(host, given, options, "setState", { state }),
      ),
    );
  }
  pr.addCommand(
    act(host, "merge", "merge it")
      .option("--method <method>", "merge, squash or rebase", "merge")
      .action((given: string, options: PrOptions & { method: string }) =>
        send(host, given, options, "merge", { method: options.method as "merge" }),
      ),
  );
  return pr;
}

/** A command that is about one pull request. */
export function act(host: Host, name: string, description: string): Command {
  return about(host, name, description).argument("<number>", "pull request");
}

/** The same without the argument. */
export function about(host: Host, name: string, description: string): Command {
  return remoteCommand(host, name, description)
    .option("--repo <name>", "which repository")
    .option("--as <login>", "act as this person (local repositories)");
}

export async function send(
  host: Host,
  given: string,
  options: PrOptions,
  route: "comment" | "review" | "setState" | "merge" | "command",
  body: object,
): Promise<void> {
  const api = await connect(host, options);
  const params = { repository: await repositoryId(api, options.repo), number: number(given) };
  const full = { ...body, ...(options.as === undefined ? {} : { as: options.as }) };
  // Each route's own schema checks the body on the server; here it is put together by name.
  await api(route, params, full as never);
  if (options.json === true) return host.out(JSON.stringify({ ok: true }));
  const isCommand = route === "command" || route === "comment";
  host.out(
    isCommand ? `Given to #${params.number}. Its answer: \`terrane pr show ${given}\`.` : "Done.",
  );
}

function listCommand(host: Host): Command {
  return remoteCommand(host, "list", "list them").action(async (options: RemoteOptions) => {
    const all = await (await connect(host, options))("pullRequests", {});
    if (options.json === true) return host.out(JSON.stringify(all));
    const rows = all.map((one) => [
      `#${one.number}`,
      one.repository,
      one.state,
      `${one.progress.applied}/${one.progress.total} applied`,
      plain(one.title),
    ]);
    host.out(table(["number", "repository", "state", "progress", "title"], rows));
    if (all.length >= LISTED_MAX.pullRequests) {
      host.err(`No more than ${all.length} are listed. Show one by its number: terrane pr show N.`);
    }
  });
}

function openCommand(host: Host): Command {
  return remoteCommand(host, "open", "open one in a local repository")
    .requiredOption("--head <branch>", "branch with the change")
    .option("--base <branch>", "branch it goes into", "main")
    .option("--title <text>", "title (default: the branch)")
    .option("--repo <name>", "which repository")
    .option("--as <login>", "author")
    .action(async (options: PrOptions & { head: string; base: string; title?: string }) => {
      const api = await connect(host, options);
      const repository = await repositoryId(api, options.repo);
      const { head, base, as } = options;
      const title = options.title ?? head;
      const body = { title, head, base, ...(as === undefined ? {} : { as }) };
      const opened = await api("openPullRequest", { repository }, body);
      if (options.json === true) return host.out(JSON.stringify(opened));
      host.out(`Opened #${opened.number}. Watch it with \`terrane pr show ${opened.number}\`.`);
    });
}

function showCommand(host: Host): Command {
  return remoteCommand(host, "show", "show one: what it touches, where it stands, why")
    .argument("<number>", "pull request")
    .option("--repo <name>", "which repository")
    .action(async (given: string, options: PrOptions) => {
      const api = await connect(host, options);
      const repository = await repositoryId(api, options.repo);
      const detail = await api("pullRequest", { repository, number: number(given) });
      if (options.json === true) return host.out(JSON.stringify(detail));
      show(host, detail);
    });
}

function show(host: Host, detail: PullRequestDetail): void {
  const { number: id, title, state, headRef, baseRef } = detail;
  host.out(paint(host, "bold", `#${id} ${plain(title)}`));
  host.out(`${state} · ${plain(headRef)} → ${plain(baseRef)} · by ${detail.author}\n`);
  const rows = detail.dirspaces.map((one) => {
    const counts = one.counts;
    const numbers =
      counts === null
        ? ""
        : `+${counts.create} ~${counts.update} ±${counts.replace} −${counts.delete}`;
    const waits = one.waitingFor.length > 0 ? `waits for ${one.waitingFor.join(", ")}` : "";
    return [plain(one.key), one.phase, numbers, waits];
  });
  host.out(
    rows.length === 0 ? "It touches no directory." : table(["dirspace", "phase", "plan", ""], rows),
  );
  if (detail.notice === null) return;
  host.out("");
  const { reasons, stop = [], aside } = detail.notice;
  for (const reason of [...reasons, ...stop, ...(aside?.reasons ?? [])]) {
    host.out(`${reason.code}  ${plain(reason.title)}: ${plain(reason.cause)}`);
    if (reason.next !== null) host.out(`  Next: ${plain(reason.next)}`);
  }
}
