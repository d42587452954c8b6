import { type ServerType, serve } from "@hono/node-server";
import { askForPassword, serveGit, tokenOf, wantsWrite } from "../git-http/git-http.ts";
import { newApi } from "./api.ts";
import { actor, authorize, callerOf } from "./auth.ts";
import { branchesMoved } from "./domain/branches.ts";
import { accountRoutes } from "./routes/accounts.ts";
import { actionRoutes } from "./routes/actions.ts";
import { appRoutes } from "./routes/apps.ts";
import { checkRoutes } from "./routes/checks.ts";
import { type CodeLimits, codeRoutes } from "./routes/code.ts";
import { commentRoutes } from "./routes/comments.ts";
import { gitDataRoutes } from "./routes/git-data.ts";
import { graphqlRoute } from "./routes/graphql.ts";
import { identityApp } from "./routes/identity.ts";
import { issueRoutes } from "./routes/issues.ts";
import { conversionRoute, installPages, Manifests, manifestPages } from "./routes/manifests.ts";
import { type PullLimits, pullRoutes } from "./routes/pulls.ts";
import { type Account, findRepository, fullName, type Installation, type World } from "./world.ts";

export interface Limits extends CodeLimits, PullLimits {}

const API = /^\/api(?:\/v3)?(?=\/)/;
const GIT = /^\/([^/]+)\/([^/]+?)(?:\.git)?(\/info\/refs|\/git-upload-pack|\/git-receive-pack)$/;

/** Everything the double answers on one port, laid out as GitHub Enterprise Server does. */
export function requestHandler(
  world: World,
  limits: Limits,
  install: (owner: Account) => Installation,
): (request: Request) => Promise<Response> {
  const api = newApi(world);
  const manifests = new Manifests();
  conversionRoute(world, api, manifests);
  // Before the repository routes: the app asks for its installation in a repository by itself.
  appRoutes(world, api);
  codeRoutes(world, api, limits);
  gitDataRoutes(world, api);
  pullRoutes(world, api, limits);
  issueRoutes(world, api);
  commentRoutes(world, api);
  checkRoutes(world, api);
  actionRoutes(world, api);
  accountRoutes(world, api);
  const graphqlApi = newGraphql(world);
  const pages = identityApp(world);
  pages.route("/", manifestPages(world, manifests));
  pages.route("/", installPages(world, install));
  return async (request) => {
    const url = new URL(request.url);
    const git = GIT.exec(url.pathname);
    if (git !== null) return await answerGit(world, request, git);
    if (url.pathname === "/api/graphql") return await graphqlApi(request);
    if (API.test(url.pathname)) return await api.fetch(await toApi(world, request, url));
    return await pages.fetch(request);
  };
}

function newGraphql(world: World): (request: Request) => Promise<Response> {
  const api = newApi(world);
  graphqlRoute(world, api);
  return async (request) => await api.fetch(new Request("http://api/graphql", await copy(request)));
}

/** Without the prefix, and with repositories by id turned into names: GitHub answers both. */
async function toApi(world: World, request: Request, url: URL): Promise<Request> {
  let path = url.pathname.replace(API, "");
  const byId = /^\/repositories\/(\d+)(?=\/|$)/.exec(path);
  const repo = byId === null ? undefined : world.repositories.get(Number(byId[1]));
  if (byId !== null) {
    const name = repo === undefined ? `nobody/${byId[1]}` : fullName(repo);
    path = path.replace(byId[0], `/repos/${name}`);
  }
  return new Request(`${url.origin}${path}${url.search}`, await copy(request));
}

async function copy(request: Request): Promise<RequestInit> {
  const body = request.method === "GET" ? undefined : await request.arrayBuffer();
  const init: RequestInit = { method: request.method, headers: request.headers };
  return body === undefined || body.byteLength === 0 ? init : { ...init, body };
}

async function answerGit(
  world: World,
  request: Request,
  match: RegExpExecArray,
): Promise<Response> {
  const [, owner = "", name = "", service = ""] = match;
  const repo = findRepository(world, owner, name);
  const token = tokenOf(request);
  if (token === undefined && (repo === undefined || repo.private || wantsWrite(request, service))) {
    return askForPassword();
  }
  if (repo === undefined) return new Response("Repository not found.\n", { status: 404 });
  let by = repo.owner;
  if (token !== undefined) {
    try {
      const caller = callerOf(world, token);
      authorize(world, caller, repo, {
        permissions: ["contents"],
        level: wantsWrite(request, service) ? "write" : "read",
      });
      by = actor(world, caller);
    } catch {
      return askForPassword();
    }
  }
  const response = await serveGit(request, { gitDir: repo.gitDir, service, user: by.login });
  if (service === "/git-receive-pack") await branchesMoved(world, repo, by);
  return response;
}

export function listen(
  handle: (request: Request) => Promise<Response>,
): Promise<{ server: ServerType; port: number }> {
  return new Promise((resolve) => {
    const server = serve({ fetch: handle, hostname: "127.0.0.1", port: 0 }, ({ port }) =>
      resolve({ server, port }),
    );
  });
}
