import type { Answer } from "../core/fact.ts";
import type { PullRequestId } from "../core/ids.ts";

/** Pull requests that grants are asked for at the same time; without room all are looked at anew. */
const LOOKS_MAX = 1_000;

/** Answers of one look at a pull request, each asked for once, also by those who ask at the same time. */
export interface SharedLook {
  answer(key: string, ask: () => Promise<Answer>): Promise<Answer>;
}

/**
 * Grants of one pull request that are asked for within moments share what is looked up for them: a thousand dirspaces are no
 * thousand reads of the same approvals. Whatever is heard of the pull request meanwhile ends the sharing.
 */
export interface Looks {
  /** `known`: what is stored of the pull request; another one than before begins a new look. */
  at(pullRequest: PullRequestId, known: string): SharedLook;
}

interface Known {
  readonly begunAt: number;
  readonly known: string;
  readonly look: SharedLook;
}

/** `now` in milliseconds, of any clock that does not stand still; zero `sharedMs` shares nothing. */
export function createLooks(now: () => number, sharedMs: number): Looks {
  const looks = new Map<PullRequestId, Known>();
  return {
    at(pullRequest, known) {
      const last = looks.get(pullRequest);
      const age = last === undefined ? Number.POSITIVE_INFINITY : now() - last.begunAt;
      if (last !== undefined && last.known === known && age >= 0 && age < sharedMs)
        return last.look;
      if (looks.size >= LOOKS_MAX) looks.clear();
      const look = sharedLook(() => {
        if (looks.get(pullRequest)?.look === look) looks.delete(pullRequest);
      });
      looks.set(pullRequest, { begunAt: now(), known, look });
      return look;
    },
  };
}

/** What failed is no answer: whoever asks next begins anew. */
function sharedLook(forget: () => void): SharedLook {
  const answers = new Map<string, Promise<Answer>>();
  return {
    answer(key, ask) {
      const others = answers.get(key);
      if (others !== undefined) return others;
      const asked = ask();
      answers.set(key, asked);
      asked.catch(forget);
      return asked;
    },
  };
}
