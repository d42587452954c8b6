export const WORKFLOW_FILE = ".github/workflows/terrane.yml";
export const GITLAB_JOB_FILE = ".gitlab/terrane.yml";

export const SAME_JOBS =
  "Both roles trust the same jobs: a job that plans can take the role that applies. Give --apply-environment an environment of its own to keep them apart.";
