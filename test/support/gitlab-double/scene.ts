import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { commitFiles, initBare } from "../github-double/git.ts";
import type { Group, Hook, MergeRequest, User } from "./forge.ts";
import { gitDirOf } from "./forge.ts";
import { branchesMoved } from "./heads.ts";
import { openMergeRequest } from "./merge-requests.ts";
import { groupAt } from "./routes-people.ts";
import type { Project, World } from "./world.ts";

/** What people do on an instance outside of its API. */

type Files = Readonly<Record<string, string>>;

/** Gives a project code, with one commit on its default branch. */
export async function addCode(
  world: World,
  project: Project,
  by: User,
  files: Files,
): Promise<void> {
  const gitDir = await mkdtemp(join(tmpdir(), "terrane-gitlab-"));
  await initBare(gitDir, project.defaultBranch);
  project.forge.gitDir = gitDir;
  await push(world, project, by, project.defaultBranch, files);
}

export async function push(
  world: World,
  project: Project,
  by: User,
  branch: string,
  files: Files,
): Promise<void> {
  const parent = project.forge.heads.get(branch) ?? project.forge.heads.get(project.defaultBranch);
  const author = { name: by.username, email: `${by.username}@example.test`, at: world.now() };
  const change = { branch, parent, files, message: `change ${branch}`, author };
  await commitFiles(gitDirOf(project), change);
  await branchesMoved(world, project, by);
}

/** A branch whose history shares nothing with the others. */
export async function pushOrphan(
  world: World,
  project: Project,
  by: User,
  branch: string,
  files: Files,
): Promise<void> {
  const author = { name: by.username, email: `${by.username}@example.test`, at: world.now() };
  const change = { branch, parent: undefined, files, message: `begin ${branch}`, author };
  await commitFiles(gitDirOf(project), change);
  await branchesMoved(world, project, by);
}

export function group(world: World, path: string): Group {
  const known = groupAt(world, path);
  if (known !== undefined) return known;
  const made: Group = { id: world.nextId++, path, members: new Map() };
  world.groups.set(made.id, made);
  return made;
}

export function addHook(
  world: World,
  project: Project,
  hook: { readonly url: string; readonly token?: string; readonly signingToken?: string },
): Hook {
  const made: Hook = {
    id: world.nextId++,
    url: hook.url,
    token: hook.token,
    signingToken: hook.signingToken,
    failures: 0,
    disabledUntil: undefined,
  };
  project.forge.hooks.push(made);
  return made;
}

export async function open(
  world: World,
  project: Project,
  wish: {
    readonly by: User;
    readonly source?: Project;
    readonly head: string;
    readonly base?: string;
    readonly title: string;
  },
): Promise<MergeRequest> {
  return await openMergeRequest(world, project, {
    by: wish.by,
    source: wish.source ?? project,
    sourceBranch: wish.head,
    targetBranch: wish.base ?? project.defaultBranch,
    title: wish.title,
  });
}
