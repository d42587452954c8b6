import type { AttemptId } from "../core/ids.ts";

/** Of what an id of an attempt is made. */
const ID_CHARACTER = /[0-9A-Za-z-]/;

/** Whether a CI run is called after this attempt, and not after one whose id begins or ends like it: `…-1` is not `…-10`. */
export function namesAttempt(title: string, attempt: AttemptId): boolean {
  for (let at = title.indexOf(attempt); at >= 0; at = title.indexOf(attempt, at + 1)) {
    const around = (title[at - 1] ?? "") + (title[at + attempt.length] ?? "");
    if (!ID_CHARACTER.test(around)) return true;
  }
  return false;
}
