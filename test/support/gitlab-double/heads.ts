import { isAncestor, readBranches, tryGit } from "../github-double/git.ts";
import { gitDirOf, headOf, type MergeRequest, type User } from "./forge.ts";
import { pushBody } from "./hook-bodies.ts";
import { markMerged, recheck, takeHead, tell } from "./merge-requests.ts";
import type { Project, World } from "./world.ts";

const CI_FILES = [".gitlab-ci.yml", ".gitlab/terrane.yml"];

/**
 * Finds what was pushed since the last look and does what GitLab does then: a push event for each branch, a new version of
 * the merge requests that come from it, and a new look at those that go into it. A deleted source branch closes nothing.
 */
export async function branchesMoved(world: World, project: Project, by: User): Promise<void> {
  const gitDir = gitDirOf(project);
  const before = project.forge.heads;
  const now = await readBranches(gitDir);
  project.forge.heads = now;
  for (const branch of new Set([...before.keys(), ...now.keys()])) {
    const [from, to] = [before.get(branch), now.get(branch)];
    if (from === to) continue;
    await takeCiFiles(project, branch, to);
    const move = {
      branch,
      ...(from === undefined ? {} : { before: from }),
      ...(to === undefined ? {} : { after: to }),
    };
    world.deliveries.emit(world, project, "Push Hook", pushBody(world, project, by, move));
    for (const request of openOnes(world)) await moved(world, request, project, branch, by);
  }
}

function openOnes(world: World): readonly MergeRequest[] {
  return [...world.projects.values()]
    .flatMap(({ forge }) => [...forge.mergeRequests.values()])
    .filter(({ state }) => state === "opened");
}

async function moved(
  world: World,
  request: MergeRequest,
  project: Project,
  branch: string,
  by: User,
): Promise<void> {
  const to = project.forge.heads.get(branch);
  if (to === undefined) return;
  const { head } = headOf(request);
  if (request.source === project && request.sourceBranch === branch && to !== head) {
    await takeHead(world, request, to);
    tell(world, request, by, { action: "update", oldrev: head });
    return;
  }
  if (request.project !== project || request.targetBranch !== branch) return;
  if (await isAncestor(gitDirOf(project), head, to)) markMerged(world, request, by);
  else recheck(world, request);
}

/** What pipelines of the branch are composed from. */
async function takeCiFiles(
  project: Project,
  branch: string,
  commit: string | undefined,
): Promise<void> {
  if (commit === undefined) {
    project.branches.delete(branch);
    return;
  }
  const files = new Map<string, string>();
  for (const path of CI_FILES) {
    const read = await tryGit(gitDirOf(project), ["cat-file", "blob", `${commit}:${path}`]);
    if (read.code === 0) files.set(path, read.stdout.toString("utf8"));
  }
  project.branches.set(branch, { sha: commit, files });
}
