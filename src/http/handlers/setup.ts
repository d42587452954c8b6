import { CONFIGURATION_CHARS_MAX } from "../../contract/configuration.ts";
import type { SetupView } from "../../contract/setup.ts";
import type { CommitSha } from "../../core/ids.ts";
import type { WebhookTrouble } from "../../ports/vcs.ts";
import type { RepositoryRecord } from "../../ports/view-store.ts";
import type { Handlers } from "../api.ts";
import { type ConfigurationReader, configurationReader } from "../configuration-reader.ts";
import { notFound, Problem, vcsProblem } from "../errors.ts";
import { examineFile } from "../examine.ts";
import { createRate } from "../rate.ts";
import { Recent } from "../recent.ts";
import { pullRequestPage, type Services } from "../services.ts";
import type { CiFileState } from "../setup/ci-file.ts";
import { type ConfigurationState, type SetupFacts, setupItems } from "../setup/items.ts";
import { proposeSetup, readCiFile, type Where } from "../setup/propose-setup.ts";
import { repositoryView } from "../view/pull-request.ts";
import { repositoryOf } from "./params.ts";

/** Pages that follow what happens ask with every change of a repository; most of it is known by the commit. */
const LOOKS_PER_MINUTE = 120;
/** Each reads the files of a repository. */
const PROPOSALS_PER_MINUTE = 6;
const CI_FILES_MAX = 100;
const HOUR_MS = 3_600_000;
const REPOSITORIES_MAX = 100;
/** Whoever mends it wants to see that it is mended. */
const TROUBLES_MS = 15_000;

type SetupHandlers = Pick<Handlers, "setup" | "proposeSetup" | "adoptRepository">;

/** How far the set-up of a repository is, and the pull request that takes it further. */
export function setupHandlers(services: Services): SetupHandlers {
  const { views, now } = services;
  const reader = configurationReader(services, CONFIGURATION_CHARS_MAX, now);
  // Commits never change; a page that stays open asks every few seconds.
  const ciFiles: CiFiles = new Recent({ max: CI_FILES_MAX, ms: HOUR_MS }, now);
  const troubles: Readers["troubles"] = new Recent({ max: REPOSITORIES_MAX, ms: TROUBLES_MS }, now);
  const admitLook = createRate(LOOKS_PER_MINUTE, now);
  const admitProposal = createRate(PROPOSALS_PER_MINUTE, now);

  async function found(id: string | undefined) {
    const repository = await repositoryOf(views, id);
    const { vcs, guides } = services;
    const [its, guide] = [await vcs.get(repository.vcs), await guides.get(repository.vcs)];
    if (its === undefined || guide === undefined) {
      throw notFound("repository on a VCS that this server is connected to");
    }
    return { repository, vcs: its, guide };
  }

  return {
    async setup({ params }) {
      const { repository, vcs, guide } = await found(params["repository"]);
      admitLook();
      return await checklist(services, { reader, ciFiles, troubles }, { repository, vcs, guide });
    },
    async adoptRepository({ body }) {
      admitProposal();
      const repository = await adopt(services, body);
      return repositoryView(repository, undefined);
    },
    async proposeSetup({ params }) {
      const { repository, vcs, guide } = await found(params["repository"]);
      admitProposal();
      return await proposeSetup({ repository, vcs, guide });
    },
  };
}

/** Asks the apps one after the other; what the last one said is said where none reaches it. */
async function adopt(
  services: Services,
  { fullName, vcs: named }: { readonly fullName: string; readonly vcs?: string | undefined },
): Promise<RepositoryRecord> {
  let refusal: Problem | undefined;
  for (const name of named === undefined ? services.about.vcs() : [named]) {
    const vcs = await services.vcs.get(name);
    if (vcs?.lookUp === undefined) continue;
    const found = await vcs.lookUp(fullName);
    if (found.kind !== "ok") {
      refusal = vcsProblem(found);
      continue;
    }
    const { ref, defaultBranch } = found.value;
    const id = await services.repositories.keepRepository(name, ref, defaultBranch);
    return await repositoryOf(services.views, id);
  }
  throw new Problem(
    404,
    "NOT_FOUND",
    refusal?.message ?? `No app of this server reaches ${fullName}.`,
    {
      next: "Install the app on it; `terrane apps list` says which apps there are, and where to install them.",
    },
  );
}

type CiFiles = Recent<CiFileState | undefined>;

/** A VCS that cannot say it now says nothing. */
async function troubleOf(
  vcs: Where["vcs"],
  { ref, vcs: key }: RepositoryRecord,
  serverUrl: string,
): Promise<WebhookTrouble | undefined> {
  const found = await vcs.webhookTrouble?.(ref, `${serverUrl}/api/v1/webhooks/${key}`);
  return found?.kind === "ok" ? found.value : undefined;
}

interface Readers {
  readonly troubles: Recent<WebhookTrouble | undefined>;
  readonly reader: ConfigurationReader;
  readonly ciFiles: CiFiles;
}

async function checklist(
  services: Services,
  readers: Readers,
  { repository, vcs, guide }: Where,
): Promise<SetupView> {
  const url = services.serverUrl();
  const [traces, looked, webhookTrouble] = await Promise.all([
    services.views.setupTraces(repository.id),
    look(readers, { repository, vcs, guide }),
    readers.troubles.get(repository.id, () => troubleOf(vcs, repository, url)),
  ]);
  const items = setupItems(guide, {
    fullName: repository.ref.fullName,
    defaultBranch: repository.defaultBranch,
    serverUrl: url,
    pullRequestPage: (number) => pullRequestPage(services, repository.id, number),
    runPage: (run) => `${url}/runs/${encodeURIComponent(run)}`,
    traces,
    webhookTrouble,
    notice: services.notices().find(({ vcs: of }) => of === repository.vcs),
    ...looked,
  });
  return {
    repository: repository.ref.fullName,
    repositoryId: repository.id,
    planned: traces.plan !== undefined,
    canPropose: vcs.proposeFiles !== undefined,
    items: [...items],
  };
}

interface Looked {
  readonly refusal: SetupFacts["refusal"];
  readonly ciFile: CiFileState | undefined;
  readonly configuration: ConfigurationState | undefined;
}

/** What the repository itself says. A VCS that is away is no answer, one that refuses is. */
async function look(
  { reader, ciFiles }: Readers,
  { repository, vcs, guide }: Where,
): Promise<Looked> {
  try {
    const commit = await reader.recentCommit(repository);
    const [ciFile, configuration] = await Promise.all([
      ciFiles.get(`${repository.id} ${commit}`, () =>
        readCiFile({ repository, vcs, guide }, commit),
      ),
      readConfiguration(reader, repository, commit),
    ]);
    return { refusal: undefined, ciFile, configuration };
  } catch (error) {
    if (!(error instanceof Problem) || error.status === 429) throw error;
    const refusal = { message: error.message, away: error.status === 503 };
    return { refusal, ciFile: undefined, configuration: undefined };
  }
}

async function readConfiguration(
  reader: ConfigurationReader,
  repository: RepositoryRecord,
  commit: CommitSha,
): Promise<ConfigurationState> {
  const file = await reader.config(repository, commit);
  const { diagnostics } = examineFile(file, await reader.central(repository));
  const errors = diagnostics.filter(({ severity }) => severity === "error");
  return { path: file.kind === "found" ? file.path : undefined, errors };
}
