import { randomUUID } from "node:crypto";
import { Hono } from "hono";
import { issuerOf } from "../oidc.ts";
import type { Account, WorkflowRun, World } from "../world.ts";

/** What is not the REST API: the identity provider of Actions, and signing in with GitHub. */
export function identityApp(world: World): Hono {
  const app = new Hono();
  app.get("/_services/token/.well-known/openid-configuration", (c) =>
    c.json({
      issuer: issuerOf(world),
      jwks_uri: `${issuerOf(world)}/.well-known/jwks`,
      subject_types_supported: ["public", "pairwise"],
      response_types_supported: ["id_token"],
      id_token_signing_alg_values_supported: ["RS256"],
      scopes_supported: ["openid"],
    }),
  );
  app.get("/_services/token/.well-known/jwks", (c) => c.json(world.oidc.keySet()));
  // The URL that a job finds in ACTIONS_ID_TOKEN_REQUEST_URL, already with a query.
  app.get("/_services/pipelines/idtoken/:run", async (c) => {
    const run = findRun(world, Number(c.req.param("run")));
    if (run === undefined || c.req.header("authorization") !== `Bearer ${run.requestToken}`) {
      return c.json({ message: "unauthorized" }, 401);
    }
    if (run.state === "completed") return c.json({ message: "the job is over" }, 403);
    const audience = c.req.query("audience") ?? `${world.origin}/${run.repository.owner.login}`;
    const value = await world.oidc.token(world, run, audience);
    return c.json({ count: value.length, value });
  });
  signInRoutes(world, app);
  return app;
}

function findRun(world: World, id: number): WorkflowRun | undefined {
  for (const repo of world.repositories.values()) {
    const run = repo.runs.get(id);
    if (run !== undefined) return run;
  }
  return undefined;
}

interface Grant {
  readonly account: Account;
  readonly redirect: string | undefined;
}

/** OAuth web flow. The double has no cookies: `login` in the query says who sits at the browser. */
function signInRoutes(world: World, app: Hono): void {
  const codes = new Map<string, Grant>();
  app.get("/login/oauth/authorize", (c) => {
    const account = [...world.accounts.values()].find((a) => a.login === c.req.query("login"));
    const redirect = c.req.query("redirect_uri");
    if (c.req.query("client_id") !== world.app.clientId) return c.text("unknown client", 404);
    if (account === undefined || redirect === undefined) return c.text("sign in first", 401);
    const code = randomUUID();
    codes.set(code, { account, redirect });
    const to = new URL(redirect);
    to.searchParams.set("code", code);
    to.searchParams.set("state", c.req.query("state") ?? "");
    return c.redirect(to.href);
  });
  app.post("/login/oauth/access_token", async (c) => {
    const body = await c.req.parseBody();
    const { code } = body;
    if (typeof code !== "string") return c.json({ error: "bad_verification_code" });
    const grant = codes.get(code);
    codes.delete(code);
    // GitHub answers 200 also when it refuses.
    if (grant === undefined) return c.json({ error: "bad_verification_code" });
    const token = `ghu_${randomUUID()}`;
    world.tokens.set(token, { kind: "user", account: grant.account, expiresAt: undefined });
    return c.json({ access_token: token, token_type: "bearer", scope: "" });
  });
}
