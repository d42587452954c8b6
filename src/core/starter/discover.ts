import { compareText, parseDir, parseWorkspace } from "../change/dirspace.ts";
import { type CodeFacts, codeFacts, dirOf, isUnitFile, nameOf } from "./code-facts.ts";
import { isCodeFile } from "./files-to-read.ts";

/** A directory that is planned by itself. */
export interface Root {
  readonly dir: string;
  /** What shows that it is one. */
  readonly because: "backend" | "provider" | "unit" | "not_called" | "not_read";
  readonly backend: string | undefined;
  readonly providers: readonly string[];
  readonly modules: readonly string[];
  /** Names that its files of values suggest, and where below it those are; empty: beside the code. */
  readonly workspaces: readonly string[];
  readonly valuesIn: string;
  /** Its code has the name of the workspace, so that each of them is something of its own. */
  readonly asksForWorkspace: boolean;
}

/** A directory with code that is not to be planned, although nothing else keeps it from that. */
export interface LeftOut {
  readonly dir: string;
  readonly because: "module" | "example" | "parent" | "values";
}

/** What a repository holds, as far as it was read. */
export interface Discovered {
  readonly engine: "terraform" | "tofu" | "terragrunt";
  /** How names of files with code end that by default are none, such as `.tofu`. */
  readonly endings: readonly string[];
  readonly roots: readonly Root[];
  readonly leftOut: readonly LeftOut[];
  /** Directories that others call. */
  readonly modules: readonly string[];
  /** Modules that have a backend, which counts for nothing where they are called. */
  readonly backendsOfModules: readonly string[];
  /** Names of environments among the names of directories. */
  readonly environments: readonly string[];
  /** Files with code that were read, and all that there are. */
  readonly read: number;
  readonly all: number;
}

interface Directory {
  readonly dir: string;
  readonly isUnit: boolean;
  readonly hasCode: boolean;
  readonly facts: CodeFacts;
  readonly isRead: boolean;
}

const NOTHING: CodeFacts = {
  providers: [],
  required: [],
  modules: [],
  runs: false,
  asksForWorkspace: false,
};

/** What to make of the files of a repository, by the texts of those with code; a text that is not there was not read. */
export function discover(paths: readonly string[], texts: ReadonlyMap<string, string>): Discovered {
  const code = paths.filter((path) => isCodeFile(path) && parseDir(dirOf(path)).kind === "ok");
  const directories = directoriesOf(code, texts);
  const called = new Set(directories.flatMap(({ facts }) => facts.modules));
  const units = directories.filter(({ isUnit }) => isUnit);
  const roots: Root[] = [];
  const leftOut: LeftOut[] = [];
  const values = valueFilesOf(paths);
  const isCode = new Set(directories.map(({ dir }) => dir));
  for (const directory of directories) {
    const { dir } = directory;
    const kind = kindOf(directory, called, units);
    if (kind === "module" || kind === "example" || kind === "parent") {
      leftOut.push({ dir, because: kind });
    } else if (kind !== "called")
      roots.push(
        rootOf(directory, kind, kind === "unit" ? NO_VALUES : valuesOf(dir, values, isCode)),
      );
  }
  for (const dir of values.folders) {
    if (!isCode.has(dir)) leftOut.push({ dir, because: "values" });
  }
  const tofu = paths.some((path) => /\.tofu(?:\.json)?$|(?:^|\/)\.opentofu-version$/.test(path));
  return {
    engine: units.length > 0 ? "terragrunt" : tofu ? "tofu" : "terraform",
    endings: ENDINGS.filter((ending) => code.some((path) => path.endsWith(ending))),
    roots,
    leftOut: leftOut.toSorted((a, b) => compareText(a.dir, b.dir)),
    modules: directories.flatMap(({ dir }) => (called.has(dir) ? [dir] : [])),
    backendsOfModules: directories.flatMap(({ dir, facts }) =>
      called.has(dir) && facts.backend !== undefined ? [dir] : [],
    ),
    environments: environmentsOf(roots),
    read: code.filter((path) => texts.has(path)).length,
    all: code.length,
  };
}

function directoriesOf(
  code: readonly string[],
  texts: ReadonlyMap<string, string>,
): readonly Directory[] {
  const files = new Map<string, string[]>();
  for (const path of code) {
    const before = files.get(dirOf(path));
    if (before === undefined) files.set(dirOf(path), [path]);
    else before.push(path);
  }
  return [...files]
    .map(([dir, of]): Directory => {
      const known = of.flatMap((path) => {
        const text = texts.get(path);
        return text === undefined ? [] : [codeFacts(path, text)];
      });
      return {
        dir,
        isUnit: of.some(isUnitFile),
        hasCode: of.some((path) => !isUnitFile(path)),
        facts: together(known),
        isRead: known.length > 0,
      };
    })
    .toSorted((a, b) => compareText(a.dir, b.dir));
}

function together(all: readonly CodeFacts[]): CodeFacts {
  const backend = all.find((one) => one.backend !== undefined)?.backend;
  const once = (list: (one: CodeFacts) => readonly string[]) =>
    [...new Set(all.flatMap(list))].toSorted(compareText);
  return {
    ...NOTHING,
    ...(backend === undefined ? {} : { backend }),
    providers: once(({ providers }) => providers),
    required: once(({ required }) => required),
    modules: once(({ modules }) => modules),
    runs: all.some(({ runs }) => runs),
    asksForWorkspace: all.some(({ asksForWorkspace }) => asksForWorkspace),
  };
}

type Kind = Root["because"] | Exclude<LeftOut["because"], "values"> | "called";

const MODULES = /(?:^|\/)(?:\.?modules?)(?:\/|$)/;
const EXAMPLES = /(?:^|\/)(?:examples?|tests?|fixtures?|testdata)(?:\/|$)/;

function kindOf(
  { dir, isUnit, hasCode, facts, isRead }: Directory,
  called: ReadonlySet<string>,
  units: readonly Directory[],
): Kind {
  if (called.has(dir)) return "called";
  if (isUnit) {
    const below = units.some((one) => one.dir !== dir && isBelow(one.dir, dir));
    // What units include stands above them and runs no code itself.
    if (below && !facts.runs && !hasCode) return "parent";
    return "unit";
  }
  if (facts.backend !== undefined) return "backend";
  if (EXAMPLES.test(dir)) return "example";
  if (facts.providers.length > 0) return "provider";
  // Where Terragrunt runs the code, code that stands by itself belongs to something else.
  if (MODULES.test(dir) || units.length > 0) return "module";
  return isRead ? "not_called" : "not_read";
}

function isBelow(dir: string, above: string): boolean {
  return above === "." || dir.startsWith(`${above}/`);
}

function rootOf(
  { dir, facts }: Directory,
  because: Root["because"],
  values: Pick<Root, "workspaces" | "valuesIn">,
): Root {
  const { providers, required, modules, backend, asksForWorkspace } = facts;
  const all = [...new Set([...providers, ...required])].toSorted(compareText);
  return { dir, because, backend, providers: all, modules, asksForWorkspace, ...values };
}

/** Units have their values in their own files. */
const NO_VALUES = { workspaces: [], valuesIn: "" };
const ENDINGS = [".tofu", ".tf.json", ".tofu.json"];
/** What terraform reads by itself says nothing about workspaces. */
const READ_ANYWAY = /^terraform\.tfvars|\.auto\.tfvars/;
const VALUES = /^(.+)\.tfvars(?:\.json)?$/;

interface ValueFiles {
  /** Directories that hold files which by default make one planned. */
  readonly folders: readonly string[];
  /** The names that files of values have, by their directory. */
  readonly names: ReadonlyMap<string, readonly string[]>;
}

function valueFilesOf(paths: readonly string[]): ValueFiles {
  const folders = new Set<string>();
  const names = new Map<string, string[]>();
  for (const path of paths) {
    const [dir, name] = [dirOf(path), nameOf(path)];
    const [, stem] = VALUES.exec(name) ?? [];
    if (stem === undefined || parseDir(dir).kind === "error") continue;
    if (name.endsWith(".tfvars")) folders.add(dir);
    if (READ_ANYWAY.test(name) || parseWorkspace(stem).kind === "error") continue;
    const before = names.get(dir);
    if (before === undefined) names.set(dir, [stem]);
    else if (!before.includes(stem)) before.push(stem);
  }
  return { folders: [...folders], names };
}

/** Those beside the code, else those of the first folder below that holds no code itself. */
function valuesOf(
  dir: string,
  { names }: ValueFiles,
  isCode: ReadonlySet<string>,
): Pick<Root, "workspaces" | "valuesIn"> {
  const beside = names.get(dir);
  if (beside !== undefined) return { workspaces: beside.toSorted(compareText), valuesIn: "" };
  const below = [...names.keys()]
    .filter((folder) => dirOf(folder) === dir && !isCode.has(folder))
    .toSorted(compareText)[0];
  if (below === undefined) return { workspaces: [], valuesIn: "" };
  const workspaces = (names.get(below) ?? []).toSorted(compareText);
  return { workspaces, valuesIn: nameOf(below) };
}

const ENVIRONMENTS: ReadonlySet<string> = new Set([
  "dev",
  "development",
  "int",
  "integration",
  "live",
  "nonprod",
  "preprod",
  "prd",
  "prod",
  "production",
  "qa",
  "sandbox",
  "stage",
  "staging",
  "stg",
  "test",
  "uat",
]);

function environmentsOf(roots: readonly Root[]): readonly string[] {
  const names = roots.flatMap(({ dir }) => dir.split("/"));
  return [...new Set(names)].filter((name) => ENVIRONMENTS.has(name)).toSorted(compareText);
}
