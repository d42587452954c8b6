import { localHarness } from "./local-harness.ts";
import { describeVcs } from "./vcs.ts";

describeVcs("local", localHarness, {
  skip: [
    {
      reason: "the local forge has branches and no forks",
      tests: ["S17 a pull request from a fork is seen as one"],
    },
    {
      reason: "only Terrane itself puts checks on a commit of the local forge",
      tests: [
        "checks of others are told as passed, pending or failed",
        "of checks of the same name the newest counts",
      ],
    },
  ],
});
