import type { Json } from "../spec/description.ts";
import { type CheckRun, fullName, nodeId, type Repository, type World } from "../world.ts";
import { appShape } from "./app.ts";
import { minimalRepository, repositoryUrl } from "./repository.ts";

/** GitHub Actions, say. */
export const OTHER_APP = 15_368;

export function checkRunShape(world: World, repo: Repository, check: CheckRun): Json {
  const url = `${repositoryUrl(world, repo)}/check-runs/${check.id}`;
  return {
    id: check.id,
    name: check.name,
    node_id: nodeId("CR", check.id),
    head_sha: check.headSha,
    external_id: check.externalId,
    url,
    html_url: `${world.origin}/${fullName(repo)}/runs/${check.id}`,
    details_url: check.detailsUrl ?? `${world.origin}/${fullName(repo)}/runs/${check.id}`,
    status: check.status,
    conclusion: check.conclusion,
    started_at: check.startedAt,
    completed_at: check.completedAt,
    output: {
      title: check.output.title,
      summary: check.output.summary,
      text: check.output.text,
      annotations_count: check.output.annotations?.length ?? 0,
      annotations_url: `${url}/annotations`,
    },
    check_suite: { id: check.suite },
    app: check.foreign ? { ...appShape(world), id: OTHER_APP, slug: "other" } : appShape(world),
    pull_requests: pullsAt(world, repo, check.headSha),
  };
}

/** The pull requests of this repository whose head is the commit. */
export function pullsAt(world: World, repo: Repository, sha: string): readonly Json[] {
  return [...repo.pulls.values()]
    .filter(
      (pull) => pull.state === "open" && pull.head.sha === sha && pull.head.repository === repo,
    )
    .map((pull) => ({
      id: pull.id,
      number: pull.number,
      url: `${repositoryUrl(world, repo)}/pulls/${pull.number}`,
      head: { ref: pull.head.ref, sha: pull.head.sha, repo: small(world, repo) },
      base: { ref: pull.base.ref, sha: pull.base.sha, repo: small(world, repo) },
    }));
}

function small(world: World, repo: Repository): Json {
  return { id: repo.id, name: repo.name, url: repositoryUrl(world, repo) };
}

/** As in `check_run` webhooks, where the suite is told in more words. */
export function checkRunWebhook(world: World, repo: Repository, check: CheckRun): Json {
  const pulls = pullsAt(world, repo, check.headSha);
  const branch = [...repo.branches].find(([, sha]) => sha === check.headSha)?.[0] ?? null;
  return {
    ...checkRunShape(world, repo, check),
    check_suite: {
      id: check.suite,
      node_id: nodeId("CS", check.suite),
      head_branch: branch,
      head_sha: check.headSha,
      status: check.status,
      conclusion: check.conclusion,
      url: `${repositoryUrl(world, repo)}/check-suites/${check.suite}`,
      before: null,
      after: check.headSha,
      pull_requests: pulls,
      app: appShape(world),
      created_at: check.startedAt ?? world.now().toISOString(),
      updated_at: check.completedAt ?? world.now().toISOString(),
      repository: minimalRepository(world, repo),
    },
  };
}
