import { assert } from "../base/assert.ts";
import { explain } from "../comment/reason-text.ts";
import type { DirspaceKey } from "../core/change/dirspace.ts";
import { type Answer, questionKey } from "../core/fact.ts";
import type { PullRequestView } from "../core/pull-request.ts";
import { checkLive } from "../core/run/live-check.ts";
import type { Session } from "../ports/runner-store.ts";
import { answer, VcsUnavailable } from "./answer.ts";
import type { EnginePorts } from "./ports.ts";

/** The pull request, its configuration, its changes, and who is in which team. */
const ASK_ROUNDS_MAX = 12;

export type LiveAnswer =
  | {
      readonly kind: "passed";
      readonly view: PullRequestView;
      readonly approvedBy: readonly string[];
      readonly forced: boolean;
      readonly autoApproved: boolean;
    }
  | { readonly kind: "refused"; readonly code: string; readonly message: string }
  | { readonly kind: "unavailable"; readonly message: string };

/**
 * Asks the VCS now whether this dirspace may be applied (S14); nothing mutable is taken from the store. Grants of the same
 * moment share what they ask.
 */
export async function lookUpLive(
  ports: EnginePorts,
  session: Session,
  unit: DirspaceKey,
): Promise<LiveAnswer> {
  const { pullRequest } = session.run;
  const { repository } = pullRequest;
  const snapshot = await ports.runners.unitSnapshot(session, unit);
  const { changeSet } = snapshot.pullRequest;
  const central = changeSet?.central === undefined ? [] : [changeSet.central];
  const look = ports.looks.at(pullRequest.id, JSON.stringify(snapshot.pullRequest.view));
  const facts = new Map<string, Answer>();
  for (let round = 0; round < ASK_ROUNDS_MAX; round++) {
    const checked = checkLive(snapshot, { runId: session.run.runId, unit }, facts);
    switch (checked.kind) {
      case "passed":
        return checked;
      case "refused": {
        const texts = checked.reasons.map((reason) => explain(reason));
        const [first] = texts;
        const message = texts.map((text) => `${text.title}: ${text.cause}`).join(" ");
        return { kind: "refused", code: first?.code ?? "REFUSED", message };
      }
      case "ask": {
        const keys = checked.questions.map(questionKey);
        const known = await ports.store.knownAnswers(repository.id, keys);
        try {
          for (const question of checked.questions) {
            const key = questionKey(question);
            const ask = async () =>
              (await answer(ports, pullRequest, question, central, true)).answer;
            facts.set(key, known.get(key) ?? (await look.answer(key, ask)));
          }
        } catch (error) {
          if (!(error instanceof VcsUnavailable)) throw error;
          return { kind: "unavailable", message: error.message };
        }
        break;
      }
    }
  }
  assert(false, `still asking about ${unit} after ${ASK_ROUNDS_MAX} rounds`);
}
