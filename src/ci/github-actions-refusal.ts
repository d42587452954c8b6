import type { CiStart } from "../ports/ci.ts";

/** Where a job was to be started: which file, on which branch. */
export interface Asked {
  readonly workflow: string;
  readonly ref: string;
}

const ADVICE: readonly {
  readonly when: RegExp;
  readonly say: (asked: Asked, found: RegExpExecArray) => string;
}[] = [
  {
    when: /Unexpected inputs provided: \[([^\]]*)\]/,
    say: ({ workflow, ref }, found) =>
      `The workflow file ${workflow} on ${ref} is older than this server: it does not know the input ${found[1]?.replaceAll('"', "") ?? ""}. Bring it up to date with "terrane setup github --force", and push it to ${ref}.`,
  },
  {
    when: /Required input '([^']*)' not provided/i,
    say: ({ workflow, ref }, found) =>
      `The workflow file ${workflow} on ${ref} wants the input ${found[1] ?? ""}, which no server gives. Give it a default, or bring the file up to date with "terrane setup github --force".`,
  },
  {
    when: /does not have '?workflow_dispatch'? trigger/i,
    say: ({ workflow, ref }) =>
      `The workflow file ${workflow} on ${ref} has no workflow_dispatch, so nobody can start it. Bring it up to date with "terrane setup github --force", and push it to ${ref}.`,
  },
  {
    when: /disabled workflow/i,
    say: ({ workflow }) =>
      `The workflow ${workflow} is switched off. Switch it on: "gh workflow enable ${workflow}", or in the Actions tab.`,
  },
  {
    when: /Actions (?:has been|is|are) disabled/i,
    say: () =>
      "GitHub Actions is switched off here. Switch it on in the settings of the repository, under Actions, or in those of its organization.",
  },
  {
    when: /No ref found for/i,
    say: ({ ref }) =>
      `There is no branch ${ref} any more. Where the default branch has another name now, comment the command again in a minute.`,
  },
  {
    when: /archived/i,
    say: () =>
      "The repository is archived, so nothing can be started in it. Take it out of the archive to go on.",
  },
  {
    when: /not accessible by integration/i,
    say: () =>
      "The app may not start workflows. Give it the permission Actions: write, and accept that in the settings of the installation.",
  },
];

/** GitHub says what it did not like; people want to know what to do. Its own words stay at the end. */
export function advised(start: CiStart, asked: Asked): CiStart {
  if (start.kind !== "rejected" && start.kind !== "forbidden") return start;
  for (const { when, say } of ADVICE) {
    const found = when.exec(start.message);
    if (found !== null) return { ...start, message: `${say(asked, found)} (${start.message})` };
  }
  return start;
}
