import type { VcsFailure } from "../../ports/vcs.ts";
import { rejected } from "./context.ts";

export const REPOSITORY_NAME_CHARS_MAX = 200;
export const LOGIN_CHARS_MAX = 64;
export const TITLE_CHARS_MAX = 1_000;
/** What people write, in a description, a comment or a review. */
export const BODY_CHARS_MAX = 65_536;
/** What Terrane writes: one comment holds a plan of a thousand directories. */
export const COMMENT_CHARS_MAX = 262_144;

const NAME_SEGMENT = /^[A-Za-z0-9_][A-Za-z0-9_.-]*$/;

/** `infra` or `team/infra`; it becomes a path below the directory of repositories. */
export function refuseRepositoryName(name: string): VcsFailure | undefined {
  const segments = name.split("/");
  const good =
    name.length <= REPOSITORY_NAME_CHARS_MAX &&
    segments.length <= 8 &&
    segments.every((segment) => NAME_SEGMENT.test(segment) && !segment.endsWith(".git"));
  if (good) return undefined;
  return rejected(
    "A repository name has up to 200 letters, digits, - _ . and /, as in team/infra; no part begins with a dot or a dash or ends with .git.",
  );
}

const LOGIN = /^[A-Za-z0-9][A-Za-z0-9_.@+-]*$/;

export function refuseLogin(login: string): VcsFailure | undefined {
  if (login.length <= LOGIN_CHARS_MAX && LOGIN.test(login)) return undefined;
  return rejected(
    "A login has up to 64 letters, digits and _ . @ + -, and begins with a letter or a digit.",
  );
}

const TEAM = /^[A-Za-z0-9][A-Za-z0-9_.-]*$/;

export function refuseTeam(team: string): VcsFailure | undefined {
  if (team.length <= LOGIN_CHARS_MAX && TEAM.test(team)) return undefined;
  return rejected(
    "The name of a team has up to 64 letters, digits and _ . -, and begins with a letter or a digit.",
  );
}

/** PostgreSQL's text holds no NUL, and JSON no half of a surrogate pair. */
export function storable(text: string): string {
  return text.replaceAll(/\0|\p{Surrogate}/gu, "\ufffd");
}

export function refuseTitle(title: string): VcsFailure | undefined {
  if (title.trim() === "") return rejected("A pull request needs a title.");
  return refuseText("title", title, TITLE_CHARS_MAX);
}

export function refuseBody(body: string): VcsFailure | undefined {
  return refuseText("text", body, BODY_CHARS_MAX);
}

function refuseText(what: string, text: string, charsMax: number): VcsFailure | undefined {
  if (text.length <= charsMax) return undefined;
  return rejected(`The ${what} has ${text.length} characters; the longest is ${charsMax}.`);
}
