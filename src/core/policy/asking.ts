import type { Config } from "../config/config.ts";
import type { Facts } from "../fact.ts";
import type { Account } from "../ids.ts";
import type { PullRequestView } from "../pull-request.ts";

/** Who wants something, and what it is judged by. */
export interface Asking {
  readonly config: Config;
  readonly view: PullRequestView;
  readonly who: Account;
  readonly facts: Facts;
}

/** The branch that the access rules are read from. */
export function rulesFrom(config: Config, view: PullRequestView): string {
  if (config.defaultBranchOverrides.includes("access_control")) return view.defaultBranch;
  return view.state === "merged" ? view.baseRef : view.headRef;
}
