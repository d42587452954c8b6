import { unreachable } from "../../base/unreachable.ts";
import { CONFIGURATION_CHARS_MAX } from "../../contract/configuration.ts";
import type { SetupProposal } from "../../contract/setup.ts";
import { CONFIG_PATHS } from "../../core/fact.ts";
import type { CommitSha } from "../../core/ids.ts";
import { STARTER_PATH, starterConfig } from "../../core/starter/starter-config.ts";
import type { Proposed, ProposedFile } from "../../ports/proposal.ts";
import type { Vcs, VcsResult } from "../../ports/vcs.ts";
import type { RepositoryRecord } from "../../ports/view-store.ts";
import { Problem, vcsProblem } from "../errors.ts";
import { type CiFileState, ciFileState } from "./ci-file.ts";
import { foundWords } from "./found-words.ts";
import type { CiFileGuide, SetupGuide } from "./guide.ts";
import { discoverCommit } from "./starter-files.ts";

const BRANCH = "terrane/setup";
const TITLE = "Set up Terrane";

/** A repository, the VCS that it is on, and how repositories are set up there. */
export interface Where {
  readonly repository: RepositoryRecord;
  readonly vcs: Vcs;
  readonly guide: SetupGuide;
}

export async function readCiFile(
  { repository, vcs, guide }: Where,
  commit: CommitSha,
): Promise<CiFileState | undefined> {
  if (guide.ciFile === undefined) return undefined;
  const { paths } = guide.ciFile;
  const read = await vcs.readFiles(repository.ref, commit, paths, CONFIGURATION_CHARS_MAX);
  return ciFileState(guide.ciFile, value(read));
}

/** Opens the pull request that brings what the default branch lacks. */
export async function proposeSetup({ repository, vcs, guide }: Where): Promise<SetupProposal> {
  if (vcs.proposeFiles === undefined) {
    throw new Problem(
      409,
      "NO_PROPOSALS",
      `${guide.name} has no pull requests that are opened for people.`,
      {
        next: "Write the files into a checkout with `terrane setup`, and push them.",
      },
    );
  }
  const { ref, defaultBranch } = repository;
  const commit = value(await vcs.branch(ref, defaultBranch));
  const discovered = value(await discoverCommit(vcs, ref, commit));
  const where = { repository, vcs, guide };
  const files = await missingFiles(where, commit, starterConfig(discovered));
  const found = foundWords(discovered);
  const nothing = { pullRequest: null, lacks: [], grantUrl: null, byHand: [], next: [] };
  if (files.length === 0) {
    return { ...nothing, outcome: "nothing_to_change", files: [], found: [...found] };
  }
  const wanted = {
    branch: BRANCH,
    base: defaultBranch,
    title: TITLE,
    body: bodyOf(guide, found),
    files,
  };
  const proposed = value(await vcs.proposeFiles(ref, wanted));
  return { ...nothing, ...outcome(proposed), files: [...files], found: [...found] };
}

/** What is there stays as it is, unless it is the file for jobs, lacks what it needs, and is nobody else's. */
async function missingFiles(
  where: Where,
  commit: CommitSha,
  starter: string,
): Promise<readonly ProposedFile[]> {
  const { repository, vcs, guide } = where;
  const { ciFile } = guide;
  const besides = ciFile?.besides ?? [];
  const looked = [...CONFIG_PATHS, ...besides.map(({ path }) => path)];
  const [state, read] = await Promise.all([
    readCiFile(where, commit),
    vcs.readFiles(repository.ref, commit, looked, CONFIGURATION_CHARS_MAX),
  ]);
  const there = new Set(value(read).map(({ path }) => path));
  const isConfigured = CONFIG_PATHS.some((path) => there.has(path));
  return [
    ...(ciFile === undefined ? [] : missingCiFile(ciFile, state)),
    ...besides.filter(({ path }) => !there.has(path)),
    ...(isConfigured ? [] : [{ path: STARTER_PATH, text: starter }]),
  ];
}

function missingCiFile(
  { path, text, shared }: CiFileGuide,
  state: CiFileState | undefined,
): readonly ProposedFile[] {
  if (state?.kind === "missing") return [{ path, text }];
  if (state?.kind === "lacks" && shared === undefined) return [{ path: state.path, text }];
  return [];
}

function outcome(
  proposed: Proposed,
): Pick<SetupProposal, "outcome"> &
  Partial<Pick<SetupProposal, "pullRequest" | "lacks" | "grantUrl" | "byHand" | "next">> {
  switch (proposed.kind) {
    case "open": {
      const { number, url, opened } = proposed;
      return { outcome: opened ? "opened" : "open", pullRequest: { number, url: url ?? null } };
    }
    case "nothing_to_change":
      return { outcome: "nothing_to_change" };
    case "not_permitted":
      return {
        outcome: "not_permitted",
        lacks: [...proposed.lacks],
        grantUrl: proposed.grantUrl ?? null,
        byHand: [...proposed.byHand],
        next: [
          "Grant the permissions and ask again; or add the files by hand, in the editor or with `terrane setup` in a checkout.",
        ],
      };
    default:
      return unreachable(proposed);
  }
}

function bodyOf(guide: SetupGuide, found: readonly string[]): string {
  return [
    "This adds what Terrane needs in this repository. Nothing is planned or applied by merging it.",
    "",
    "What was found:",
    "",
    ...found.map((line) => `- ${line.replaceAll(/[<>@\r\n]/g, " ")}`),
    "",
    ...(guide.ciFile === undefined
      ? []
      : [
          `\`${guide.ciFile.path}\` runs the jobs: replace the step that installs terraform by your own. Jobs take it from the default branch, so the checks of this pull request itself cannot run one yet.`,
        ]),
    `\`${STARTER_PATH}\` says of each of its lines why it stands there; every line can go or change.`,
  ].join("\n");
}

function value<T>(result: VcsResult<T>): T {
  if (result.kind === "ok") return result.value;
  throw vcsProblem(result);
}
