import { gitlabHarness } from "./gitlab-harness.ts";
import { describeVcs } from "./vcs.ts";

describeVcs("gitlab", gitlabHarness, {
  skip: [
    {
      reason:
        "how commits come onto the target branch is a setting of a GitLab project: one merge alone cannot rebase",
      tests: ["rebase: both sides are on the base branch afterwards"],
    },
    {
      reason: "GitLab asks people for a review and never groups",
      tests: [
        "S25 whoever a gate names is asked for a review once, and those who cannot be are told",
      ],
    },
  ],
});
