import type { CommitFacts, Signature } from "../git-read.ts";
import type { Json } from "../spec/description.ts";
import { fullName, nodeId, type Repository, type World } from "../world.ts";
import { repositoryUrl } from "./repository.ts";

const UNSIGNED = {
  verified: false,
  reason: "unsigned",
  signature: null,
  payload: null,
  verified_at: null,
};

export function commitShape(world: World, repo: Repository, commit: CommitFacts): Json {
  const api = repositoryUrl(world, repo);
  const html = `${world.origin}/${fullName(repo)}/commit`;
  return {
    sha: commit.sha,
    node_id: nodeId("C", Number.parseInt(commit.sha.slice(0, 8), 16)),
    commit: {
      author: commit.author,
      committer: commit.committer,
      message: commit.message,
      tree: { sha: commit.tree, url: `${api}/git/trees/${commit.tree}` },
      url: `${api}/git/commits/${commit.sha}`,
      comment_count: 0,
      verification: UNSIGNED,
    },
    url: `${api}/commits/${commit.sha}`,
    html_url: `${html}/${commit.sha}`,
    comments_url: `${api}/commits/${commit.sha}/comments`,
    author: null,
    committer: null,
    parents: commit.parents.map((sha) => ({
      sha,
      url: `${api}/commits/${sha}`,
      html_url: `${html}/${sha}`,
    })),
  };
}

export function gitCommit(world: World, repo: Repository, commit: CommitFacts): Json {
  const api = repositoryUrl(world, repo);
  const html = `${world.origin}/${fullName(repo)}/commit`;
  return {
    sha: commit.sha,
    node_id: nodeId("C", Number.parseInt(commit.sha.slice(0, 8), 16)),
    url: `${api}/git/commits/${commit.sha}`,
    html_url: `${html}/${commit.sha}`,
    author: commit.author,
    committer: commit.committer,
    tree: { sha: commit.tree, url: `${api}/git/trees/${commit.tree}` },
    message: commit.message,
    parents: commit.parents.map((sha) => ({
      sha,
      url: `${api}/git/commits/${sha}`,
      html_url: `${html}/${sha}`,
    })),
    verification: UNSIGNED,
  };
}

/** A commit as in `push` and `workflow_run` webhooks. */
export function pushedCommit(world: World, repo: Repository, commit: CommitFacts): Json {
  return {
    id: commit.sha,
    tree_id: commit.tree,
    distinct: true,
    message: commit.message,
    timestamp: commit.committer.date,
    url: `${world.origin}/${fullName(repo)}/commit/${commit.sha}`,
    author: person(commit.author),
    committer: person(commit.committer),
    added: [],
    removed: [],
    modified: [],
  };
}

export function person(signature: Signature): Json {
  return { name: signature.name, email: signature.email };
}
