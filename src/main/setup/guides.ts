import { LOCAL_VCS } from "../../http/services.ts";
import type { SetupGuide } from "../../http/setup/guide.ts";
import type { Adapters } from "../../ports/adapters.ts";
import { GITHUB_COM, githubHost } from "../../vcs/github/app/hosts.ts";
import type { Connections } from "../apps/connections.ts";
import { WORKFLOW } from "./ci-files.gen.ts";
import { WORKFLOW_FILE } from "./jobs.ts";

/** How repositories are set up, in the words of the forge that they are on. */
export function setupGuides(
  connections: Pick<Connections, "ci" | "registered">,
  ownApiUrl: string | undefined,
): Adapters<SetupGuide> {
  return {
    async get(name) {
      if (name === LOCAL_VCS) return LOCAL;
      const ci = await connections.ci.get(name);
      if (ci === undefined) return undefined;
      const registered = connections.registered().find(({ app }) => app.key === name);
      const host = githubHost(registered?.app.apiUrl ?? ownApiUrl ?? GITHUB_COM.apiUrl);
      return github(ci.files, typeof host === "string" ? GITHUB_COM.webUrl : host.webUrl);
    },
  };
}

const LOCAL: SetupGuide = {
  name: "this server",
  reach:
    "The repository on the server's disk was moved or damaged. `terrane doctor` says what is missing.",
  job: "Jobs run beside the server, whose log has what they died of.",
};

/** What the workflow file cannot do without. */
const NEEDS = [
  { has: "workflow_dispatch", why: "It has no workflow_dispatch, by which jobs are started." },
  {
    has: "id-token: write",
    why: "It lacks `id-token: write` under permissions, without which a job cannot prove which one it is.",
  },
  {
    has: "inputs.attempt",
    why: "It does not pass on the input `attempt`, by which a job knows its work.",
  },
  {
    has: "run-name:",
    why: "It has no run-name with the attempt in it, by which a job is found again when an answer was lost.",
  },
  {
    has: "TERRANE_SERVER_URL",
    why: "It does not set TERRANE_SERVER_URL from the variable TERRANE_URL, so a job does not know this server.",
  },
];

function github(paths: readonly string[], html: string): SetupGuide {
  return {
    name: "GitHub",
    ciFile: {
      paths,
      path: paths[0] ?? WORKFLOW_FILE,
      text: WORKFLOW,
      command: "terrane setup github",
      needs: NEEDS,
      existing: "work-token",
    },
    reach:
      "Install the app on this repository, and see that it has what docs/operating/github.md lists under permissions.",
    webhook:
      "Push something, then look at the app's page, Advanced, Recent Deliveries: it shows what GitHub sent and what we answered.",
    job: "Set the variable TERRANE_URL of the repository or its organization to the address of this server.",
    jobCommand: (fullName, serverUrl) =>
      `gh variable set TERRANE_URL --repo ${fullName} --body ${serverUrl}`,
    pages: (fullName) => ({
      repository: `${html}/${fullName}`,
      newPullRequest: `${html}/${fullName}/compare`,
    }),
  };
}
