import type { SetupOffer } from "../../cli/setup/offer.ts";
import { aws } from "./aws.ts";
import { azure } from "./azure.ts";
import { gcp } from "./gcp.ts";
import { WORKFLOW_FILE } from "./jobs.ts";
import { WORKFLOW } from "./workflow.gen.ts";

/** What this version can set up. */
export const SETUP: SetupOffer = {
  forges: [
    {
      name: "github",
      file: WORKFLOW_FILE,
      text: WORKFLOW,
      next: [
        "Set the variable TERRANE_URL to the address of your server: gh variable set TERRANE_URL --body https://terrane.example.com",
        "Install the GitHub App on this repository (docs/operating/github.md says how to make it).",
        "Let your cloud trust the jobs: terrane setup aws|gcp|azure --print-trust --repo OWNER/NAME",
        "Commit these files to the default branch; GitHub starts workflows that are there. Then open a pull request.",
      ],
    },
  ],
  clouds: [aws, gcp, azure],
};
