import { askForPassword, serveGit, tokenOf, wantsWrite } from "../git-http/git-http.ts";
import { findProject, userOf } from "./enter.ts";
import { branchesMoved } from "./heads.ts";
import type { World } from "./world.ts";

const GIT = /^\/(.+?)(?:\.git)?(\/info\/refs|\/git-upload-pack|\/git-receive-pack)$/;

/** Code over HTTP, in groups of any depth; a job comes with the token of its job. */
export async function answerGit(world: World, request: Request): Promise<Response | undefined> {
  const { pathname } = new URL(request.url);
  const [, path = "", service = ""] = GIT.exec(pathname) ?? [];
  if (service === "") return undefined;
  const project = findProject(world, path);
  const token = tokenOf(request) ?? "";
  const jobs = [...(project?.pipelines.values() ?? [])].flatMap(({ jobs: all }) => all);
  const isJob = jobs.some(({ id, status }) => token === `glcbt-${id}` && status === "running");
  const caller = world.tokens.get(token);
  const mayCome = caller !== undefined || (isJob && !wantsWrite(request, service));
  if (!mayCome) return askForPassword();
  if (project?.forge.gitDir === undefined) return new Response("Not found.\n", { status: 404 });
  const user = caller?.login ?? "job";
  const response = await serveGit(request, { gitDir: project.forge.gitDir, service, user });
  if (service === "/git-receive-pack" && caller !== undefined) {
    await branchesMoved(world, project, userOf(world, caller));
  }
  return response;
}
