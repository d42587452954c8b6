import { SETTING_NAMES } from "./config.ts";

type Env = Readonly<Record<string, string | undefined>>;

/** Which variables the jobs see is what the tools of a repository may need. */
const KEPT = "TERRANE_JOB_ENVIRONMENT";

/** What a server of its own is told: where another one is set up in the same shell, nothing of that is reached. */
export function ownEnvironment(env: Env): Env {
  const settings = new Set(SETTING_NAMES.filter((name) => name !== KEPT));
  return Object.fromEntries(Object.entries(env).filter(([name]) => !settings.has(name)));
}
