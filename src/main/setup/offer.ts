import type { SetupOffer } from "../../cli/setup/offer.ts";
import { aws } from "./aws.ts";
import { azure } from "./azure.ts";
import { GITLAB_JOB, GITLAB_ROOT, WORKFLOW } from "./ci-files.gen.ts";
import { gcp } from "./gcp.ts";
import { GITLAB_JOB_FILE, WORKFLOW_FILE } from "./jobs.ts";

/** What this version can set up. */
export const SETUP: SetupOffer = {
  forges: [
    {
      name: "github",
      nested: false,
      ownInstances: false,
      files: [{ path: WORKFLOW_FILE, text: WORKFLOW }],
      next: [
        "Set the variable TERRANE_URL to the address of your server: gh variable set TERRANE_URL --body https://terrane.example.com",
        "Install the GitHub App on this repository (docs/operating/github.md says how to make it).",
        "Let your cloud trust the jobs: terrane setup aws|gcp|azure --print-trust --repo OWNER/NAME",
        "Commit these files to the default branch; GitHub starts workflows that are there. Then open a pull request.",
      ],
    },
    {
      name: "gitlab",
      nested: true,
      ownInstances: true,
      files: [
        { path: GITLAB_JOB_FILE, text: GITLAB_JOB },
        {
          path: ".gitlab-ci.yml",
          text: GITLAB_ROOT,
          shared: {
            has: [GITLAB_JOB_FILE, "inputs.attempt"],
            next: "Add to your .gitlab-ci.yml what `terrane setup gitlab --print` shows for it: the inputs at its top, ended by a line ---, and the include.",
          },
        },
      ],
      next: [
        "Set the variable TERRANE_URL (Settings, CI/CD, Variables; protected) to the address of your server, letter by letter what the server has as its own TERRANE_URL: it is the audience of the job's identity token. glab variable set TERRANE_URL https://terrane.example.com --protected",
        "Set the variable TERRANE_IMAGE to an image with Node.js 20 and git, by its digest; docs/operating/runner.md says how to build one. A shell executor needs none.",
        "Protect the default branch (Settings, Repository, Protected branches): jobs of a branch that anybody may push to are refused.",
        'Jobs of your own run in these pipelines too, unless they leave them out with a rule: if: $CI_PIPELINE_SOURCE == "api", when: never.',
        "Let your cloud trust the jobs: terrane setup aws|gcp|azure --print-trust --forge gitlab --repo GROUP/PROJECT",
        "Commit these files to the default branch. docs/operating/gitlab.md says what of GitLab this version serves.",
      ],
    },
  ],
  clouds: [aws, gcp, azure],
};
