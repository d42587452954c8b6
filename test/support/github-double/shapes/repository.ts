import type { Json } from "../spec/description.ts";
import { fullName, nodeId, type Repository, type Role, roleAtLeast, type World } from "../world.ts";
import { apiUrl, organizationSimple, simpleUser } from "./account.ts";

/** Path below the repository's API URL of each `…_url` field. */
const LINKS: Readonly<Record<string, string>> = {
  archive_url: "/{archive_format}{/ref}",
  assignees_url: "/assignees{/user}",
  blobs_url: "/git/blobs{/sha}",
  branches_url: "/branches{/branch}",
  collaborators_url: "/collaborators{/collaborator}",
  comments_url: "/comments{/number}",
  commits_url: "/commits{/sha}",
  compare_url: "/compare/{base}...{head}",
  contents_url: "/contents/{+path}",
  contributors_url: "/contributors",
  deployments_url: "/deployments",
  downloads_url: "/downloads",
  events_url: "/events",
  forks_url: "/forks",
  git_commits_url: "/git/commits{/sha}",
  git_refs_url: "/git/refs{/sha}",
  git_tags_url: "/git/tags{/sha}",
  hooks_url: "/hooks",
  issue_comment_url: "/issues/comments{/number}",
  issue_events_url: "/issues/events{/number}",
  issues_url: "/issues{/number}",
  keys_url: "/keys{/key_id}",
  labels_url: "/labels{/name}",
  languages_url: "/languages",
  merges_url: "/merges",
  milestones_url: "/milestones{/number}",
  notifications_url: "/notifications{?since,all,participating}",
  pulls_url: "/pulls{/number}",
  releases_url: "/releases{/id}",
  stargazers_url: "/stargazers",
  statuses_url: "/statuses/{sha}",
  subscribers_url: "/subscribers",
  subscription_url: "/subscription",
  tags_url: "/tags",
  teams_url: "/teams",
  trees_url: "/git/trees{/sha}",
};

export function repositoryUrl(world: World, repo: Repository): string {
  return `${apiUrl(world)}/repos/${fullName(repo)}`;
}

/** GitHub's `minimal-repository`: identity and links. */
export function minimalRepository(world: World, repo: Repository): Json {
  const url = repositoryUrl(world, repo);
  return {
    id: repo.id,
    node_id: nodeId("R", repo.id),
    name: repo.name,
    full_name: fullName(repo),
    private: repo.private,
    owner: simpleUser(world, repo.owner),
    html_url: `${world.origin}/${fullName(repo)}`,
    description: null,
    fork: repo.fork !== undefined,
    url,
    ...Object.fromEntries(Object.entries(LINKS).map(([key, path]) => [key, `${url}${path}`])),
  };
}

/** The repository as in pull requests and webhooks. */
export function repository(world: World, repo: Repository): Json {
  const html = `${world.origin}/${fullName(repo)}`;
  const open = [...repo.pulls.values()].filter((pull) => pull.state === "open").length;
  return {
    ...minimalRepository(world, repo),
    created_at: repo.createdAt.toISOString(),
    updated_at: repo.pushedAt.toISOString(),
    pushed_at: repo.pushedAt.toISOString(),
    git_url: `git://${new URL(world.origin).host}/${fullName(repo)}.git`,
    ssh_url: `git@${new URL(world.origin).host}:${fullName(repo)}.git`,
    clone_url: `${html}.git`,
    svn_url: html,
    homepage: null,
    size: 0,
    stargazers_count: 0,
    watchers_count: 0,
    language: "HCL",
    has_issues: true,
    has_projects: true,
    has_downloads: true,
    has_wiki: true,
    has_pages: false,
    has_discussions: false,
    forks_count: 0,
    mirror_url: null,
    archived: repo.archived,
    disabled: false,
    open_issues_count: open,
    license: null,
    allow_forking: true,
    is_template: false,
    web_commit_signoff_required: false,
    topics: [],
    visibility: repo.private ? "private" : "public",
    forks: 0,
    open_issues: open,
    watchers: 0,
    default_branch: repo.defaultBranch,
  };
}

/** `GET /repos/{owner}/{repo}`. */
export function fullRepository(world: World, repo: Repository, role: Role | undefined): Json {
  return {
    ...repository(world, repo),
    permissions: rolePermissions(role),
    network_count: 0,
    subscribers_count: 0,
    allow_rebase_merge: true,
    allow_squash_merge: true,
    allow_merge_commit: true,
    allow_auto_merge: true,
    delete_branch_on_merge: false,
    ...(repo.owner.type === "Organization" ? { organization: simpleUser(world, repo.owner) } : {}),
    ...(repo.fork === undefined
      ? {}
      : { parent: repository(world, repo.fork), source: repository(world, repo.fork) }),
  };
}

export function rolePermissions(role: Role | undefined): Json {
  return {
    pull: roleAtLeast(role, "read"),
    triage: roleAtLeast(role, "triage"),
    push: roleAtLeast(role, "write"),
    maintain: roleAtLeast(role, "maintain"),
    admin: roleAtLeast(role, "admin"),
  };
}

/** What every webhook about a repository carries beside its own matter. */
export function webhookContext(world: World, repo: Repository): Json {
  return {
    repository: repository(world, repo),
    ...(repo.owner.type === "Organization"
      ? { organization: organizationSimple(world, repo.owner) }
      : {}),
  };
}
