import {
  type AffectedView,
  CHANGED_LIST,
  CONFIGURATION_CHARS_MAX,
  type ConfigurationCheck,
  type ConfigurationView,
} from "../../contract/configuration.ts";
import type { Tree } from "../../core/change/affected.ts";
import { parseChangeList } from "../../core/change/change-list.ts";
import { configWithOrigins } from "../../core/config/show.ts";
import { CONFIG_PATHS, type ConfigFile } from "../../core/fact.ts";
import type { CommitSha } from "../../core/ids.ts";
import type { PullRequestView } from "../../core/pull-request.ts";
import type { RepositoryRecord, ViewStore } from "../../ports/view-store.ts";
import type { Handlers } from "../api.ts";
import { type ConfigurationReader, configurationReader } from "../configuration-reader.ts";
import { notFound, Problem } from "../errors.ts";
import { type Examined, examineChange, examineFile, examineText, examineTree } from "../examine.ts";
import { createRate } from "../rate.ts";
import type { Services } from "../services.ts";
import { affectedDirspaces, changedFilesView, isFree, unplaced } from "../view/configuration.ts";
import { effectiveView } from "../view/effective.ts";
import { numberOf, repositoryOf } from "./params.ts";

type ConfigurationHandlers = Pick<
  Handlers,
  "configuration" | "checkConfiguration" | "affected" | "changedFiles"
>;

type Ready = NonNullable<Examined["ready"]>;
type Views = Pick<ViewStore, "repository" | "pullRequest" | "code">;

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
  services: Pick<Services, "vcs" | "centralHeads" | "now"> & { readonly views: Views },
): ConfigurationHandlers {
  const { views, now } = services;
  const reader = configurationReader(services, CONFIGURATION_CHARS_MAX, now);
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
      const repository =
        body.repository === undefined ? undefined : await repositoryOf(views, body.repository);
      const { ready, ...found } =
        repository === undefined
          ? checked(examineText(body.text, file))
          : await checkedThere({ reader, views }, repository, { text: body.text, file });
      if (body.effective !== true) return found;
      const shown = ready === undefined ? undefined : configWithOrigins(ready);
      return { ...found, effective: shown === undefined ? null : effectiveView(shown, file) };
    },
    async affected({ params, body }) {
      const repository = await repositoryOf(views, params["repository"]);
      admitTry();
      const commit =
        body.pullRequest === undefined
          ? await reader.recentCommit(repository)
          : (await viewOf(views, repository, body.pullRequest)).headSha;
      const central = await reader.central(repository);
      const examined =
        body.text === undefined
          ? examineFile(await reader.config(repository, commit), central)
          : examineText(body.text, body.file ?? CONFIG_PATHS[0], central);
      const { changed, branch = BRANCH_OF_CHANGE, destBranch = repository.defaultBranch } = body;
      const tree = (ready: Ready) => treeAt({ reader, views }, repository, { commit, ready });
      return await affectedView(examined, { changed, branches: { branch, destBranch }, tree });
    },
    async changedFiles({ params }) {
      const repository = await repositoryOf(views, params["repository"]);
      const view = await viewOf(views, repository, numberOf(params["number"]));
      admitRead();
      const { baseSha: base, headSha: head } = view;
      return changedFilesView(await reader.changes(repository, { base, head }));
    },
  };
}

interface From {
  readonly reader: ConfigurationReader;
  readonly views: Views;
}

async function viewOf(
  views: Views,
  repository: RepositoryRecord,
  number: number,
): Promise<PullRequestView> {
  const found = await views.pullRequest(repository.id, number);
  if (found?.view === undefined) throw notFound("pull request");
  return found.view;
}

/** The files of a commit, with what a job read of its code where that counts. */
async function treeAt(
  { reader, views }: From,
  repository: RepositoryRecord,
  { commit, ready }: { readonly commit: CommitSha; readonly ready: Ready },
): Promise<Tree> {
  const files = await reader.tree(repository, commit);
  if (!ready.config.indexer.enabled) return { files };
  const index = await views.code(repository.id, commit);
  return index === undefined ? { files } : { files, index };
}

async function configurationView(
  reader: ConfigurationReader,
  repository: RepositoryRecord,
  ref: string,
): Promise<ConfigurationView> {
  const commit = await reader.commit(repository, ref);
  const file = await reader.config(repository, commit);
  const { diagnostics, ready } = examineFile(file, await reader.central(repository));
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
type Checked = Omit<ConfigurationCheck, "effective"> & Pick<Examined, "ready">;

function checked(examined: Examined, tree: TreeFindings = {}): Checked {
  const diagnostics = [...examined.diagnostics, ...(tree.diagnostics ?? [])];
  const { withoutTree } = tree;
  return {
    ok: isFree(diagnostics),
    diagnostics,
    ready: examined.ready,
    ...(withoutTree === undefined ? {} : { withoutTree }),
  };
}

/** A draft is checked as far as possible: what the VCS does not tell now is left out, and that is said. */
async function checkedThere(
  from: From,
  repository: RepositoryRecord,
  { text, file }: { readonly text: string; readonly file: string },
): Promise<Checked> {
  let examined = examineText(text, file);
  try {
    examined = examineText(text, file, await from.reader.central(repository));
    return checked(examined, await treeFindings(from, repository, examined));
  } catch (error) {
    if (error instanceof Problem) return checked(examined, { withoutTree: error.message });
    throw error;
  }
}

async function treeFindings(
  from: From,
  repository: RepositoryRecord,
  { ready }: Examined,
): Promise<TreeFindings> {
  if (ready === undefined) return {};
  const commit = await from.reader.recentCommit(repository);
  const tree = await treeAt(from, repository, { commit, ready });
  if (tree.files.length > TREE_FILES_MAX) {
    return { withoutTree: `The repository has more than ${TREE_FILES_MAX} files.` };
  }
  return { diagnostics: [...examineTree(ready, tree)] };
}

async function affectedView(
  examined: Examined,
  change: {
    readonly changed: string;
    readonly branches: { readonly branch: string; readonly destBranch: string };
    readonly tree: (ready: Ready) => Promise<Tree>;
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
  const tree = await change.tree(ready);
  const found = examineChange(ready, tree, list.entries, change.branches);
  diagnostics.push(...found.diagnostics);
  return {
    ok: isFree(diagnostics),
    diagnostics,
    dirspaces: affectedDirspaces(ready.config, found.dirspaces),
    total: found.dirspaces.length,
  };
}
