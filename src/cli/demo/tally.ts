import type { PullRequestDetail } from "../../contract/views.ts";
import type { Api } from "../api.ts";
import type { DemoReport } from "./report.ts";
import type { PullRef } from "./watch.ts";

/** Collects what really happened, from what the server says at the end and what was refused on the way. */
export interface Tally {
  problem(text: string): void;
  /** Notes the refusals that the pull request shows now; true when there is one. */
  refusals(detail: PullRequestDetail): boolean;
  report(started: number, dashboard: string): Promise<DemoReport>;
}

export function tallyOf(api: Api, pulls: readonly PullRef[]): Tally {
  const problems: string[] = [];
  const refused = new Map<string, DemoReport["refused"][number]>();
  return {
    problem: (text) => problems.push(text),
    refusals(detail) {
      const { notice } = detail;
      if (notice?.outcome !== "refused") return false;
      for (const reason of notice.reasons) {
        const { code } = reason;
        const message = `${reason.title}: ${reason.cause}`;
        refused.set(`${detail.number} ${notice.at} ${code}`, {
          pullRequest: detail.number,
          code,
          message,
        });
      }
      return true;
    },
    async report(started, dashboard) {
      const details: PullRequestDetail[] = [];
      for (const pull of pulls) details.push(await api("pullRequest", { ...pull }));
      const works = await Promise.all(
        details.flatMap((detail) => detail.runs.map((run) => api("run", { run: run.id }))),
      );
      const ended = (state: string): number =>
        works.flatMap((run) => run.unitList).filter((unit) => unit.state === state).length;
      return {
        ok: problems.length === 0,
        seconds: Math.round((performance.now() - started) / 100) / 10,
        pullRequests: details.length,
        plans: ended("planned"),
        applies: ended("applied"),
        refusals: refused.size,
        comments: details.map((detail) => detail.comment ?? ""),
        refused: [...refused.values()],
        problems,
        dashboard,
      };
    },
  };
}
