/** What a GitHub App of ours may do, and why: the one table that manifest, checks, pages and documentation are made from. */
export interface WantedPermission {
  /** As in the API and in a manifest. */
  readonly name: string;
  /** As on GitHub's pages. */
  readonly label: string;
  readonly of: "repository" | "organization";
  readonly level: "read" | "write";
  readonly reason: string;
}

export interface WantedEvent {
  /** As in the header of the delivery and in a manifest. */
  readonly name: string;
  readonly label: string;
  readonly reason: string;
}

/** More than the least, for something that not everybody wants. */
export interface Upgrade {
  readonly name: string;
  readonly title: string;
  readonly reason: string;
  readonly permissions: readonly WantedPermission[];
  readonly events: readonly WantedEvent[];
}

type Row = readonly [name: string, label: string, level: "read" | "write", reason: string];

function repository([name, label, level, reason]: Row): WantedPermission {
  return { name, label, of: "repository", level, reason };
}

function event([name, label, reason]: readonly [string, string, string]): WantedEvent {
  return { name, label, reason };
}

/** The least that plans, shows and applies. */
export const PERMISSIONS: readonly WantedPermission[] = [
  ["metadata", "Metadata", "read", "every App has it; also tells what people may do"],
  ["contents", "Contents", "read", "configuration, the list of files, what changed"],
  [
    "pull_requests",
    "Pull requests",
    "write",
    "read pull requests and reviews, write the one comment, ask whom gates name to review",
  ],
  [
    "issues",
    "Issues",
    "write",
    "reactions to comments, which GitHub counts among issues; issues about drift",
  ],
  ["checks", "Checks", "write", "the checks `terrane plan` and `terrane apply`, and their buttons"],
  [
    "statuses",
    "Commit statuses",
    "read",
    "older kinds of checks: an apply waits for them (`status_checks`)",
  ],
  ["actions", "Actions", "write", "start, watch and stop the workflow"],
].map((row) => repository(row as unknown as Row));

/** What is told. GitHub tells every App of its own installations besides, without being asked. */
export const EVENTS: readonly WantedEvent[] = [
  event(["pull_request", "Pull request", "opened, pushed, closed, merged, retargeted: look again"]),
  event(["issue_comment", "Issue comment", "commands"]),
  event(["pull_request_review", "Pull request review", "approvals are judged again"]),
  event(["push", "Push", "the base moved: plans may be out of date"]),
  event(["workflow_run", "Workflow run", "a job that died is noticed at once"]),
  event(["repository", "Repository", "renamed, transferred, archived or removed"]),
  event(["check_run", "Check run", "the buttons beside the checks, and “Re-run”"]),
  event(["check_suite", "Check suite", "“Re-run all checks” plans again"]),
];

export const UPGRADES: readonly Upgrade[] = [
  {
    name: "merge",
    title: "Merge pull requests",
    reason: "Merges when everything is applied, where your configuration says so (`automerge`).",
    permissions: [
      repository(["contents", "Contents", "write", "merge a pull request, delete its branch"]),
    ],
    events: [],
  },
  {
    name: "setup",
    title: "Open the set-up pull request",
    reason: "Adds the workflow file and a first configuration by a pull request that you review.",
    permissions: [
      repository(["contents", "Contents", "write", "push the branch of that pull request"]),
      repository(["workflows", "Workflows", "write", "add a file below `.github/workflows`"]),
    ],
    events: [],
  },
  {
    name: "teams",
    title: "Rules that name teams",
    reason: "Lets access rules and gates say `team:platform`.",
    permissions: [
      {
        name: "members",
        label: "Members",
        of: "organization",
        level: "read",
        reason: "who is in a team",
      },
    ],
    events: [],
  },
  {
    name: "merge_queue",
    title: "Merge queue",
    reason: "Answers the checks that a merge queue waits for.",
    permissions: [
      repository(["merge_queues", "Merge queues", "read", "be told what is in the queue"]),
    ],
    events: [event(["merge_group", "Merge group", "a group needs its checks concluded"])],
  },
  {
    name: "statuses",
    title: "Commit statuses per directory",
    reason: "Writes the older kind of checks beside the new one, where the configuration asks.",
    permissions: [
      repository(["statuses", "Commit statuses", "write", "one status for each directory"]),
    ],
    events: [],
  },
  {
    name: "jobs",
    title: "Jobs as they wait for a machine",
    reason: "Tells a job that waits for a runner from one that works, a moment sooner.",
    permissions: [],
    events: [event(["workflow_job", "Workflow job", "a job is queued, started or over"])],
  },
];

/** Everything that these upgrades and the least come to: of each permission the highest level. */
export function wanted(upgrades: readonly string[]): {
  readonly permissions: readonly WantedPermission[];
  readonly events: readonly WantedEvent[];
} {
  const chosen = UPGRADES.filter(({ name }) => upgrades.includes(name));
  const permissions = new Map(PERMISSIONS.map((one) => [one.name, one]));
  for (const one of chosen.flatMap((upgrade) => upgrade.permissions)) {
    const before = permissions.get(one.name);
    if (before === undefined) permissions.set(one.name, one);
    else if (before.level === "read" && one.level === "write") {
      permissions.set(one.name, { ...one, reason: `${before.reason}; ${one.reason}` });
    } else if (before.level === one.level && !before.reason.includes(one.reason)) {
      permissions.set(one.name, { ...before, reason: `${before.reason}; ${one.reason}` });
    }
  }
  return {
    permissions: [...permissions.values()],
    events: [...EVENTS, ...chosen.flatMap((upgrade) => upgrade.events)],
  };
}

/** Whether what was granted is enough for what is wanted. */
export function isGranted(
  { name, level }: Pick<WantedPermission, "name" | "level">,
  granted: Readonly<Record<string, string | undefined>>,
): boolean {
  const has = Object.hasOwn(granted, name) ? granted[name] : undefined;
  if (name === "metadata") return true;
  return has === level || has === "write" || has === "admin";
}
