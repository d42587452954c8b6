import type { SetupProposal } from "../../contract/setup.ts";
import { connect, type RemoteOptions } from "../commands/remote.ts";
import type { Host } from "../host.ts";
import { plain } from "../print.ts";
import { knownOrAdopted } from "./adopt.ts";

export interface ProposalOptions extends RemoteOptions {
  readonly repo?: string;
}

/** Has the server open the pull request that sets a repository up. */
export async function proposeFiles(host: Host, options: ProposalOptions): Promise<void> {
  const api = await connect(host, options);
  const repository = await knownOrAdopted(api, options.repo);
  const answer = await api("proposeSetup", { repository }, {});
  if (options.json === true) host.out(JSON.stringify(answer, undefined, 2));
  else host.out(plain(linesOf(answer).join("\n")));
  if (answer.outcome === "not_permitted") process.exitCode = 1;
}

function linesOf(answer: SetupProposal): readonly string[] {
  const { pullRequest, files, found, lacks, grantUrl, byHand, next } = answer;
  const where =
    pullRequest === null ? "" : `#${pullRequest.number} ${pullRequest.url ?? ""}`.trim();
  const head = {
    opened: `Opened ${where}`,
    open: `It is open already: ${where}`,
    nothing_to_change: "The default branch has all that is needed.",
    not_permitted: "The app may not open this pull request; nothing was tried. It lacks:",
  }[answer.outcome];
  return [
    head,
    ...lacks.map(({ name, why }) => `  ${name}, ${why}`),
    ...(grantUrl === null ? [] : [`Grant it: ${grantUrl}`]),
    ...(pullRequest === null ? [] : files.map(({ path }) => `  ${path}`)),
    ...(found.length === 0 ? [] : ["Found:", ...found.map((line) => `  ${line}`)]),
    ...byHand.flatMap(({ path, url }) => [`Add ${path} by hand:`, `  ${url}`]),
    ...next,
  ];
}
