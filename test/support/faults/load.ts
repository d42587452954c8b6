import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Prng } from "../../../src/base/prng.ts";
import { APP_PERMISSIONS, type GitHubDouble } from "../github-double/index.ts";
import { createRepository } from "../github-double/scene.ts";
import { type Crowd, DIRS, gatherCrowd, type Pace } from "./crowd.ts";

const EVENTS = [
  "pull_request",
  "issue_comment",
  "pull_request_review",
  "push",
  "workflow_run",
] as const;

/** A repository, and people who work on it. */
export interface Load {
  readonly people: Crowd;
  readonly repo: Awaited<ReturnType<typeof createRepository>>;
}

export async function bringLoad(double: GitHubDouble, random: Prng, pace: Pace): Promise<Load> {
  const { account } = double.organization("acme", { ann: "member" });
  double.install(account, { permissions: APP_PERMISSIONS, events: EVENTS });
  const workflow = join(import.meta.dirname, "../../../deploy/github/terrane.yml");
  const repo = await createRepository(double, account, "infra", {
    collaborators: { ann: "admin" },
    files: {
      ".github/workflows/terrane.yml": readFileSync(workflow, "utf8"),
      ...Object.fromEntries(DIRS.map((dir) => [`${dir}/main.tf`, "# nothing yet\n"])),
    },
  });
  const by = double.user("ann");
  return { repo, people: gatherCrowd({ double, repo, by, random, pace }) };
}
