import type { Answer, Question } from "../../src/core/fact.ts";
import type { CommitSha } from "../../src/core/ids.ts";
import type { CoreWorld } from "./core-world.ts";

const CENTRAL_COMMIT = "c".repeat(40) as CommitSha;

/** What the VCS, and jobs of before, would say. */
export function answerOf(world: CoreWorld, question: Question): Answer {
  switch (question.kind) {
    case "pull_request":
      return { kind: "pull_request", view: world.gone ? undefined : world.view };
    case "comment":
      return { kind: "comment", comment: world.comments.get(question.id) };
    case "permission": {
      const login = question.account.slice("id-".length);
      return { kind: "permission", permission: world.permissions.get(login) ?? "write" };
    }
    case "team_member": {
      const login = question.account.slice("id-".length);
      const { team } = question;
      if (world.hiddenTeams.has(team)) return { kind: "refused", message: "may not look" };
      return { kind: "team_member", member: world.teams.has(`${team}:${login}`) };
    }
    case "checks":
      return { kind: "checks", checks: world.checks };
    case "open_reviews":
      return { kind: "open_reviews", waitingFor: world.openReviews };
    case "ci_files":
      return { kind: "ci_files", paths: world.ciFiles };
    case "config": {
      const path = ".terrane/config.yml";
      const text = world.configAt.get(question.commit) ?? world.config;
      return {
        kind: "config",
        file: text === undefined ? { kind: "none" } : { kind: "found", path, text },
      };
    }
    case "central": {
      const at = { id: "central", fullName: "acme/terrane", commit: CENTRAL_COMMIT, name: "infra" };
      return { kind: "central", at: world.centralFiles === undefined ? undefined : at };
    }
    case "central_files":
      return { kind: "central_files", files: world.centralFiles ?? [] };
    case "tree":
      return { kind: "tree", paths: world.tree };
    case "index":
      return { kind: "index", index: world.index };
    case "built_tree":
      return { kind: "built_tree", tree: world.builtTree };
    case "built_config":
      return { kind: "built_config", text: world.builtConfig };
    case "changes":
      return {
        kind: "changes",
        changes: question.direct
          ? (world.baseChanges.get(`${question.base}..${question.head}`) ?? [])
          : world.changes,
      };
  }
}
