import {
  type AffectedView,
  CONFIGURATION_CHARS_MAX,
  type ConfigurationCheck,
  type ConfigurationView,
} from "../../contract/configuration.ts";
import { parseChangeList } from "../../core/change/change-list.ts";
import { configWithOrigins } from "../../core/config/show.ts";
import { CONFIG_PATHS, type ConfigFile } from "../../core/fact.ts";
import type { CommitSha } from "../../core/ids.ts";
import type { RepositoryRecord, ViewStore } from "../../ports/view-store.ts";
import type { Handlers } from "../api.ts";
import { type ConfigurationReader, configurationReader } from "../configuration-reader.ts";
import { notFound, Problem } from "../errors.ts";
import { type Examined, examineChange, examineFile, examineText, examineTree } from "../examine.ts";
import { createRate } from "../rate.ts";
import type { Services } from "../services.ts";
import {
  affectedDirspaces,
  CHANGED_LIST,
  changedFilesView,
  isFree,
  unplaced,
} from "../view/configuration.ts";
import { effectiveView } from "../view/effective.ts";
import { numberOf, repositoryOf } from "./params.ts";

type ConfigurationHandlers = Pick<
  Handlers,
  "configuration" | "checkConfiguration" | "affected" | "changedFiles"
>;

type Views = Pick<ViewStore, "repository" | "pullRequest">;

/** Several people who type at once; each check takes some milliseconds of the only thread there is. */
const CHECKS_PER_MINUTE = 600;
/** These work through every directory of the repository. */
const TRIES_PER_MINUTE = 120;
/** Live reads of the VCS, whose budget the pull requests need. */
const READS_PER_MINUTE = 60;
/** A tree beyond it takes longer than somebody who types wants to wait. */
const TREE_FILES_MAX = 300_000;
const BRANCH_OF_CHANGE = "change";

/** What the configuration page shows. Nothing of it is stored, and nothing it is sent has an effect. */
export function configurationHandlers(
  services: Pick<Services, "vcs" | "now"> & { readonly views: Views },
): ConfigurationHandlers {
  const { views, now } = services;
  const reader = configurationReader(services.vcs, CONFIGURATION_CHARS_MAX, now);
  const admitCheck = createRate(CHECKS_PER_MINUTE, now);
  const admitTry = createRate(TRIES_PER_MINUTE, now);
  const admitRead = createRate(READS_PER_MINUTE, now);

  return {
    async configuration({ params, query }) {
      const repository = await repositoryOf(views, params["repository"]);
      admitRead();
      const ref = query("ref") ?? repository.defaultBranch;
      return await configurationView(reader, repository, ref);
    },
    async checkConfiguration({ body }) {
      admitCheck();
      const file = body.file ?? CONFIG_PATHS[0];
      const examined = examineText(body.text, file);
      const repository =
        body.repository === undefined ? undefined : await repositoryOf(views, body.repository);
      const tree = repository === undefined ? {} : await treeFindings(reader, repository, examined);
      const found = checked(examined, tree);
      if (body.effective !== true) return found;
      const { ready } = examined;
      const shown = ready === undefined ? undefined : configWithOrigins(ready);
      return { ...found, effective: shown === undefined ? null : effectiveView(shown, file) };
    },
    async affected({ params, body }) {
      const repository = await repositoryOf(views, params["repository"]);
      admitTry();
      const commit = await reader.recentCommit(repository);
      const examined =
        body.text === undefined
          ? examineFile(await reader.config(repository, commit))
          : examineText(body.text, CONFIG_PATHS[0]);
      const { changed, branch = BRANCH_OF_CHANGE, destBranch = repository.defaultBranch } = body;
      const tree = () => reader.tree(repository, commit);
      return await affectedView(examined, { changed, branches: { branch, destBranch }, tree });
    },
    async changedFiles({ params }) {
      const repository = await repositoryOf(views, params["repository"]);
      const found = await views.pullRequest(repository.id, numberOf(params["number"]));
      if (found?.view === undefined) throw notFound("pull request");
      admitRead();
      const { baseSha: base, headSha: head } = found.view;
      return changedFilesView(await reader.changes(repository, { base, head }));
    },
  };
}

async function configurationView(
  reader: ConfigurationReader,
  repository: RepositoryRecord,
  ref: string,
): Promise<ConfigurationView> {
  const commit = await reader.commit(repository, ref);
  const file = await reader.config(repository, commit);
  const { diagnostics, ready } = examineFile(file);
  const here = file.kind === "found" ? file.path : "";
  return {
    repository: repository.ref.fullName,
    repositoryId: repository.id,
    ref,
    commit,
    files: await textsOf(reader, repository, commit, file),
    diagnostics: [...diagnostics],
    effective: ready === undefined ? null : effectiveView(configWithOrigins(ready), here),
  };
}

async function textsOf(
  reader: ConfigurationReader,
  repository: RepositoryRecord,
  commit: CommitSha,
  file: ConfigFile,
): Promise<ConfigurationView["files"]> {
  switch (file.kind) {
    case "none":
    case "unreadable":
      return [];
    case "found":
      return [{ path: file.path, text: file.text }];
    case "ambiguous":
      return await Promise.all(
        file.paths.map(async (path) => ({
          path,
          text: await reader.text(repository, commit, path),
        })),
      );
  }
}

type TreeFindings = Partial<Pick<ConfigurationCheck, "diagnostics" | "withoutTree">>;

function checked(examined: Examined, tree: TreeFindings): ConfigurationCheck {
  const diagnostics = [...examined.diagnostics, ...(tree.diagnostics ?? [])];
  const { withoutTree } = tree;
  return {
    ok: isFree(diagnostics),
    diagnostics,
    ...(withoutTree === undefined ? {} : { withoutTree }),
  };
}

/** A draft is checked as far as possible: what the VCS does not tell now is left out, and that is said. */
async function treeFindings(
  reader: ConfigurationReader,
  repository: RepositoryRecord,
  { ready }: Examined,
): Promise<TreeFindings> {
  if (ready === undefined) return {};
  try {
    const commit = await reader.recentCommit(repository);
    const files = await reader.tree(repository, commit);
    if (files.length > TREE_FILES_MAX) {
      return { withoutTree: `The repository has more than ${TREE_FILES_MAX} files.` };
    }
    return { diagnostics: [...examineTree(ready, files)] };
  } catch (error) {
    if (error instanceof Problem) return { withoutTree: error.message };
    throw error;
  }
}

async function affectedView(
  examined: Examined,
  change: {
    readonly changed: string;
    readonly branches: { readonly branch: string; readonly destBranch: string };
    readonly tree: () => Promise<readonly string[]>;
  },
): Promise<AffectedView> {
  const { ready } = examined;
  const list = parseChangeList(change.changed);
  const diagnostics = [...examined.diagnostics];
  if (list.kind === "error") {
    const { message, line } = list;
    const found = unplaced({ severity: "error", code: "change_list", message }, CHANGED_LIST);
    diagnostics.push({ ...found, line, column: 1 });
  }
  if (ready === undefined || list.kind === "error") {
    return { ok: false, diagnostics, dirspaces: [], total: 0 };
  }
  const files = await change.tree();
  const found = examineChange(ready, files, list.entries, change.branches);
  diagnostics.push(...found.diagnostics);
  return {
    ok: isFree(diagnostics),
    diagnostics,
    dirspaces: affectedDirspaces(ready.config, found.dirspaces),
    total: found.dirspaces.length,
  };
}
