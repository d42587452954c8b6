import fc from "fast-check";
import { expect, test } from "vitest";
import type { ExpectedJob } from "../ports/ci.ts";
import { type Claims, objection } from "./gitlab-identity.ts";

const SHA = "a".repeat(40);
const HOST = "gitlab.example.test:8443/git";
const ALLOWED = { host: HOST, ciFiles: [".gitlab-ci.yml", "ci/main.yml"] };

const EXPECTED: ExpectedJob = {
  repository: { installation: "acme", id: "42", fullName: "acme/platform/infra" },
  defaultBranch: "main",
};

const GOOD: Claims = {
  project_id: "42",
  project_path: "acme/platform/infra",
  job_project_id: "42",
  job_project_path: "acme/platform/infra",
  pipeline_id: "574",
  pipeline_source: "api",
  job_id: "302",
  ref_path: "refs/heads/main",
  ref_protected: "true",
  sha: SHA,
  ci_config_ref_uri: `${HOST}/acme/platform/infra//.gitlab-ci.yml@refs/heads/main`,
  ci_config_sha: SHA,
};

const ask = (change: Partial<Claims>) => objection({ ...GOOD, ...change }, EXPECTED, ALLOWED);

/** What a GitLab says that is older than the claims `job_project_*`. */
const OLDER: Partial<Claims> = { job_project_id: undefined, job_project_path: undefined };

test.each<readonly [string, Partial<Claims>]>([
  ["with every claim", {}],
  ["of a GitLab without job_project_id", OLDER],
  [
    "from another CI file that is allowed",
    { ci_config_ref_uri: `${HOST}/acme/platform/infra//ci/main.yml@refs/heads/main` },
  ],
  [
    "of a project that was moved, for its id stays",
    {
      project_path: "acme/moved",
      job_project_path: "acme/moved",
      ci_config_ref_uri: `${HOST}/acme/moved//.gitlab-ci.yml@refs/heads/main`,
    },
  ],
])("a job %s may claim", (_what, change) => {
  expect(ask(change)).toBeUndefined();
});

const file = (text: string): Partial<Claims> => ({ ci_config_ref_uri: text });

test.each<readonly [string, Partial<Claims>, string]>([
  ["another project", { job_project_id: "43", project_id: "43" }, "belongs to another project"],
  ["another project, older", { ...OLDER, project_id: "43" }, "belongs to another project"],
  ["a project of the same path", { job_project_id: "9" }, "belongs to another project"],
  ["code of a fork", { project_id: "43" }, "runs code of the fork 43"],
  [
    "a merge request without job_project_id",
    { ...OLDER, pipeline_source: "merge_request_event" },
    "its project could be a fork",
  ],
  [
    "an external merge request without job_project_id",
    { ...OLDER, pipeline_source: "external_merge_request_event" },
    "its project could be a fork",
  ],
  ["a merge request", { pipeline_source: "merge_request_event" }, "started by merge_request_event"],
  ["a push", { pipeline_source: "push" }, "started by push, not by us"],
  ["a person", { pipeline_source: "web" }, "started by web, not by us"],
  ["a trigger token", { pipeline_source: "trigger" }, "started by trigger, not by us"],
  ["a schedule", { pipeline_source: "schedule" }, "started by schedule, not by us"],
  ["a parent", { pipeline_source: "parent_pipeline" }, "started by parent_pipeline, not by us"],
  ["another branch", { ref_path: "refs/heads/change" }, "runs on refs/heads/change"],
  ["a tag called main", { ref_path: "refs/tags/main" }, "runs on refs/tags/main"],
  ["a branch nobody protects", { ref_protected: "false" }, "is not protected"],
  ["an unknown protection", { ref_protected: "" }, "is not protected"],
  ["no CI file", { ci_config_ref_uri: undefined }, "is not a file of its project"],
  ["a CI file elsewhere", { ci_config_ref_uri: null }, "is not a file of its project"],
  [
    "a CI file of another branch",
    file(`${HOST}/acme/platform/infra//.gitlab-ci.yml@refs/heads/change`),
    "its CI file is",
  ],
  [
    "a CI file of another project",
    file(`${HOST}/evil/infra//.gitlab-ci.yml@refs/heads/main`),
    "which is none of",
  ],
  [
    "a CI file of another host",
    file("evil.example.test/acme/platform/infra//.gitlab-ci.yml@refs/heads/main"),
    "which is none of",
  ],
  [
    "another CI file",
    file(`${HOST}/acme/platform/infra//other.yml@refs/heads/main`),
    "which is none of",
  ],
  ["a CI file of another commit", { ci_config_sha: "b".repeat(40) }, "of the commit bbbb"],
  ["a CI file of no commit", { ci_config_sha: null }, "of the commit (none)"],
])("a job of %s is refused and told why", (_what, change, because) => {
  expect(ask(change)).toContain(because);
});

const BOUND = [
  "project_id",
  "job_project_id",
  "pipeline_source",
  "ref_path",
  "ref_protected",
  "sha",
  "ci_config_ref_uri",
  "ci_config_sha",
] as const satisfies readonly (keyof Claims)[];

test("whatever one bound claim says instead, the job is refused", () => {
  const text = fc.oneof(fc.string({ minLength: 1 }), fc.constantFrom(...Object.values(GOOD)));
  fc.assert(
    fc.property(fc.constantFrom(...BOUND), text, (claim, value) => {
      fc.pre(typeof value === "string" && value !== GOOD[claim]);
      // Two of the files of this project are allowed.
      fc.pre(!String(value).endsWith("//ci/main.yml@refs/heads/main"));
      expect(ask({ [claim]: value })).toBeTypeOf("string");
    }),
    { numRuns: 2_000 },
  );
});

test("no name can stand in for an id", () => {
  fc.assert(
    fc.property(fc.string(), fc.string(), (path, own) => {
      const named = { project_path: path, job_project_path: own };
      expect(ask({ ...named, project_id: "43", job_project_id: "43" })).toContain(
        "another project",
      );
    }),
  );
});
