import * as z from "zod/mini";

/** As large as a configuration may be. */
export const CONFIGURATION_CHARS_MAX = 256 * 1024;
/** Some ten thousand paths: more than any forge lists of one pull request. */
const CHANGED_CHARS_MAX = 512 * 1024;
/** What findings about a list of changes call it. */
export const CHANGED_LIST = "changed";

const Branch = z.string().check(z.maxLength(250));
const ConfigurationText = z.string().check(z.maxLength(CONFIGURATION_CHARS_MAX));

/** A finding about a configuration, as `terrane config check --json` prints it. */
export const DiagnosticView = z.object({
  severity: z.enum(["error", "warning"]),
  code: z.string(),
  message: z.string(),
  file: z.string(),
  /** Counts from 1; 0 where the finding has no place in a file. */
  line: z.number(),
  column: z.number(),
  /** Where in the document, as in `workflows[0].plan[1].cmd`; empty for the document itself. */
  path: z.string(),
  /** What to write instead. */
  suggestion: z.optional(z.string()),
});
export type DiagnosticView = z.infer<typeof DiagnosticView>;

/** One value of the configuration that counts, and who says so. */
export const EffectiveValue = z.object({
  /** `workflows[0].lock_policy` */
  path: z.string(),
  /** As JSON. */
  value: z.string(),
  /** Null where nobody wrote it: it is the default. */
  origin: z.nullable(
    z.object({
      /** The file's path, with where it lies when that is not this repository. */
      file: z.string(),
      line: z.number(),
      column: z.number(),
      /** It stands in the file that the page shows. */
      here: z.boolean(),
    }),
  ),
});
export type EffectiveValue = z.infer<typeof EffectiveValue>;

export const ConfigurationView = z.object({
  repository: z.string(),
  repositoryId: z.string(),
  /** The branch, tag or commit that was asked for; else the default branch. */
  ref: z.string(),
  commit: z.string(),
  /** None, one, or one of each name, which is an error that `diagnostics` explains. */
  files: z.array(z.object({ path: z.string(), text: z.string() })),
  diagnostics: z.array(DiagnosticView),
  /** Every value with its origin; null while errors forbid one. */
  effective: z.nullable(z.array(EffectiveValue)),
});
export type ConfigurationView = z.infer<typeof ConfigurationView>;

export const CheckConfigurationBody = z.object({
  text: ConfigurationText,
  /** The id of a repository: then what needs its files is checked against its default branch. */
  repository: z.optional(z.string().check(z.maxLength(2_048))),
  /** The name that findings carry. */
  file: z.optional(z.string().check(z.minLength(1), z.maxLength(4_096))),
  /** Whether to answer with every value of the outcome. */
  effective: z.optional(z.boolean()),
});

export const ConfigurationCheck = z.object({
  ok: z.boolean(),
  diagnostics: z.array(DiagnosticView),
  /** Why the repository's files could not be looked at; absent where they were, or nobody asked. */
  withoutTree: z.optional(z.string()),
  effective: z.optional(z.nullable(z.array(EffectiveValue))),
});
export type ConfigurationCheck = z.infer<typeof ConfigurationCheck>;

export const AffectedBody = z.object({
  /** A draft; without it the configuration of the default branch. */
  text: z.optional(ConfigurationText),
  /** The name that findings about the draft carry. */
  file: z.optional(z.string().check(z.minLength(1), z.maxLength(4_096))),
  /** One a line: a path, `D path`, `R old new`; as `terrane affected --changed` reads it. */
  changed: z.string().check(z.maxLength(CHANGED_CHARS_MAX)),
  /** The pull request that makes it: then its head counts, with what was read of its code. */
  pullRequest: z.optional(z.int().check(z.positive())),
  /** The branches of the pull request that would make the change. */
  branch: z.optional(Branch),
  destBranch: z.optional(Branch),
});

export const AffectedView = z.object({
  ok: z.boolean(),
  /** About the configuration, the list (file `changed`) or the change as a whole. */
  diagnostics: z.array(DiagnosticView),
  /** By wave, then by name. */
  dirspaces: z.array(
    z.object({
      dir: z.string(),
      workspace: z.string(),
      /** Counts from 0. */
      wave: z.number(),
      tags: z.array(z.string()),
      /** Which entry of `workflows`, by its tag query; null for the built-in one. */
      workflow: z.nullable(z.object({ index: z.number(), tagQuery: z.string() })),
      autoplan: z.boolean(),
      because: z.array(z.string()),
      predecessors: z.array(z.string()),
    }),
  ),
  /** How many dirspaces there are in all; `dirspaces` holds the first ones of them. */
  total: z.number(),
});
export type AffectedView = z.infer<typeof AffectedView>;

/** The files that a pull request changes, one a line, as `changed` takes them. */
export const ChangedFilesView = z.object({ changed: z.string(), total: z.number() });
export type ChangedFilesView = z.infer<typeof ChangedFilesView>;
