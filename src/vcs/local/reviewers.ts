import type {
  RepositoryRef,
  ReviewersWanted,
  UnaskedReviewer,
  VcsResult,
} from "../../ports/vcs.ts";
import { type ForgeContext, findPull, ok } from "./context.ts";

/** Keeps whom a review was asked of; people see it at the pull request. */
export async function askReviewers(
  context: ForgeContext,
  repo: RepositoryRef,
  number: number,
  { users, teams }: ReviewersWanted,
): Promise<VcsResult<readonly UnaskedReviewer[]>> {
  const found = await findPull(context, repo.id, number);
  if (found.kind !== "ok") return found;
  const { store } = context;
  const { pull } = found.value;
  const unasked: UnaskedReviewer[] = [];
  const asked: { kind: "user" | "team"; name: string }[] = [];
  for (const login of users) {
    const account = await store.accountNamed(login);
    const name = `user:${login}`;
    if (account === undefined) {
      unasked.push({ name, message: `There is no account ${login}.` });
    } else if (account.id === pull.author.id) {
      unasked.push({ name, message: `${account.login} opened the pull request.` });
    } else {
      asked.push({ kind: "user", name: account.login });
    }
  }
  for (const team of teams) {
    const slug = team.toLowerCase();
    if (await store.teamExists(slug)) asked.push({ kind: "team", name: slug });
    else unasked.push({ name: `team:${team}`, message: `There is no team ${team}.` });
  }
  if (asked.length > 0) {
    await store.requestReviews({ repository: repo.id, number }, asked, context.now());
  }
  return ok(unasked);
}

/** Who was asked and has not answered. */
export async function openReviews(
  context: ForgeContext,
  repo: RepositoryRef,
  number: number,
): Promise<VcsResult<readonly string[]>> {
  const found = await findPull(context, repo.id, number);
  if (found.kind !== "ok") return found;
  const requests = await context.store.reviewRequests({ repository: repo.id, number });
  const open = requests.filter(({ answered }) => !answered);
  return ok(open.map(({ kind, name }) => (kind === "team" ? `team ${name}` : name)));
}
