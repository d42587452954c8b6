import type { GithubClient } from "./client.ts";

/** The same client for what an apply waits for, which may use what is kept back of a limit (L37). */
export function permitting(client: GithubClient): GithubClient {
  return {
    send: (caller, route, parameters, weight = "permits") =>
      client.send(caller, route, parameters, weight),
    call: (caller, route, parameters, shape, weight = "permits") =>
      client.call(caller, route, parameters, shape, weight),
    pages: (caller, route, parameters, shape, enough, weight = "permits") =>
      client.pages(caller, route, parameters, shape, enough, weight),
    query: (caller, query, variables, shape, weight = "permits") =>
      client.query(caller, query, variables, shape, weight),
    budgets: () => client.budgets(),
  };
}
