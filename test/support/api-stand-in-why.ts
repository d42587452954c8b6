import type { PullRequestDetail } from "../../src/contract/views.ts";
import type { WhyDirspaceView, WhyView } from "../../src/contract/why.ts";

const RULE = {
  path: "dirs['prod/**'].when_modified.file_patterns[0]",
  file: ".terrane/config.yml",
  line: 12,
  text: ".terrane/config.yml:12",
};

/** What the server would say of a pull request of the stand-in. */
export function whyExample(pull: PullRequestDetail, asked: string | undefined): WhyView {
  const dirspaces = pull.dirspaces
    .filter(({ key, dir }) => asked === undefined || key === asked || dir === asked)
    .map(
      ({ key, dir, workspace, phase, because }): WhyDirspaceView => ({
        key,
        dir,
        workspace,
        phase,
        affected: true,
        because,
        rules: [{ about: "affected", rule: RULE }],
        waits:
          phase === "planned"
            ? [
                {
                  on: "approval",
                  code: "E_NOT_APPROVED",
                  title: "Not approved",
                  cause: "One approval is needed, and nobody approved this commit.",
                  next: "Approve, then comment `terrane apply`.",
                  rules: [{ ...RULE, path: "apply_requirements.checks[0].approved", line: 30 }],
                },
              ]
            : [],
      }),
    );
  const isNothing = asked !== undefined && dirspaces.length === 0;
  return {
    repository: pull.repository,
    repositoryId: pull.repositoryId,
    pullRequest: pull.number,
    asked: asked ?? null,
    headSha: pull.headSha,
    state: pull.state,
    said: [],
    dirspaces,
    total: dirspaces.length,
    target: isNothing
      ? { affected: false, reasons: [`There is no file and no directory \`${asked}\`.`] }
      : null,
    decisions: pull.decisions.map(({ id, at, event, reasons }) => ({
      id,
      at,
      event: {
        kind: event,
        text: "bob commented `terrane apply`",
        actor: "bob",
        comment: "c1",
        delivery: null,
        run: null,
      },
      reasons,
    })),
    before: null,
    ignored: [],
    undecided: 0,
    setAside: [],
  };
}
