import { LOCAL_VCS } from "../../http/services.ts";
import type { SetupGuide } from "../../http/setup/guide.ts";
import type { Adapters } from "../../ports/adapters.ts";
import { GITHUB_COM, githubHost } from "../../vcs/github/app/hosts.ts";
import type { Connections } from "../apps/connections.ts";
import { GITLAB_JOB, GITLAB_ROOT, WORKFLOW } from "./ci-files.gen.ts";
import { GITLAB_JOB_FILE, WORKFLOW_FILE } from "./jobs.ts";

/** How repositories are set up, in the words of the forge that they are on. */
export function setupGuides(
  connections: Pick<Connections, "ci" | "registered">,
  ownApiUrl: string | undefined,
): Adapters<SetupGuide> {
  return {
    async get(name) {
      if (name === LOCAL_VCS) return LOCAL;
      if (name === GITLAB.key) return GITLAB.guide;
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

/** Its main file belongs to people, and includes ours. */
const GITLAB: { readonly key: string; readonly guide: SetupGuide } = {
  key: "gitlab",
  guide: {
    name: "GitLab",
    ciFile: {
      paths: [".gitlab-ci.yml"],
      path: ".gitlab-ci.yml",
      text: GITLAB_ROOT,
      shared: true,
      besides: [{ path: GITLAB_JOB_FILE, text: GITLAB_JOB }],
      command: "terrane setup gitlab",
      needs: [
        { has: GITLAB_JOB_FILE, why: `It does not include \`${GITLAB_JOB_FILE}\`.` },
        {
          has: "inputs.attempt",
          why: "It does not pass on the input `attempt`, by which a job knows its work.",
        },
      ],
      existing: "WORK_TOKEN",
    },
    reach:
      "Give the token of the server a role in this project; docs/operating/gitlab.md says which.",
    webhook:
      "Add the webhook of the project or its group, as docs/operating/gitlab.md says, and push something.",
    job: "Set the variable TERRANE_URL of the project, protected, to the address of this server, letter by letter its own.",
    jobCommand: (fullName, serverUrl) =>
      `glab variable set TERRANE_URL ${serverUrl} --protected --repo ${fullName}`,
  },
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
