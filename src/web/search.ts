/** What the addresses of the pages may carry. Anything else in them is ignored. */

export type Raw = Record<string, unknown>;

const PULL_STATES = ["open", "merged", "closed", "all"] as const;
export type PullStateFilter = (typeof PULL_STATES)[number];

export const PULL_TABS = ["overview", "changes", "commits", "runs", "why"] as const;
export type PullTab = (typeof PULL_TABS)[number];

const PHASE_FILTERS = ["attention", "changes", "running", "waiting", "done"] as const;
export type PhaseFilter = (typeof PHASE_FILTERS)[number];

export const CONFIGURATION_TABS = ["file", "effective", "try"] as const;
export type ConfigurationTab = (typeof CONFIGURATION_TABS)[number];

const VALUE_FILTERS = ["written", "default"] as const;
export type ValueFilter = (typeof VALUE_FILTERS)[number];

const RUN_FILTERS = ["active", "failed"] as const;
export type RunFilter = (typeof RUN_FILTERS)[number];

/** `q` is the filter's text. */
export interface TextSearch {
  readonly q?: string;
}

export function textSearch(raw: Raw): TextSearch {
  const q = text(raw["q"]);
  return q === undefined ? {} : { q };
}

export interface PullsSearch extends TextSearch {
  readonly state?: PullStateFilter;
}

export function pullsSearch(raw: Raw): PullsSearch {
  const state = oneOf(PULL_STATES, raw["state"]);
  return { ...textSearch(raw), ...(state === undefined || state === "open" ? {} : { state }) };
}

export interface PullSearch extends TextSearch {
  readonly tab?: PullTab;
  readonly show?: PhaseFilter;
  /** Which dirspace, directory or file the page `why` is about. */
  readonly of?: string;
}

export function pullSearch(raw: Raw): PullSearch {
  const tab = oneOf(PULL_TABS, raw["tab"]);
  const show = oneOf(PHASE_FILTERS, raw["show"]);
  const of = text(raw["of"]);
  return {
    ...textSearch(raw),
    ...(of === undefined ? {} : { of }),
    ...(tab === undefined || tab === "overview" ? {} : { tab }),
    ...(show === undefined ? {} : { show }),
  };
}

export interface RunsSearch extends TextSearch {
  readonly show?: RunFilter;
}

export function runsSearch(raw: Raw): RunsSearch {
  const show = oneOf(RUN_FILTERS, raw["show"]);
  return { ...textSearch(raw), ...(show === undefined ? {} : { show }) };
}

export interface RunSearch {
  readonly unit?: string;
}

export function runSearch(raw: Raw): RunSearch {
  const unit = text(raw["unit"]);
  return unit === undefined ? {} : { unit };
}

export interface ConfigurationSearch extends TextSearch {
  readonly tab?: ConfigurationTab;
  readonly show?: ValueFilter;
}

export function configurationSearch(raw: Raw): ConfigurationSearch {
  const tab = oneOf(CONFIGURATION_TABS, raw["tab"]);
  const show = oneOf(VALUE_FILTERS, raw["show"]);
  return {
    ...textSearch(raw),
    ...(tab === undefined || tab === "file" ? {} : { tab }),
    ...(show === undefined ? {} : { show }),
  };
}

/** What a forge sends the browser back with. */
export interface ConnectedSearch {
  readonly code?: string;
  readonly state?: string;
}

export function connectedSearch(raw: Raw): ConnectedSearch {
  const code = text(raw["code"]);
  const state = text(raw["state"]);
  return { ...(code === undefined ? {} : { code }), ...(state === undefined ? {} : { state }) };
}

export interface NewSearch {
  readonly repository?: string;
}

export function newSearch(raw: Raw): NewSearch {
  const repository = text(raw["repository"]);
  return repository === undefined ? {} : { repository };
}

/** The router reads numbers and truth values from an address; a filter for `7` is still text. */
function text(value: unknown): string | undefined {
  if (typeof value === "number" || typeof value === "boolean") return String(value);
  return typeof value === "string" && value !== "" ? value : undefined;
}

function oneOf<T extends string>(all: readonly T[], value: unknown): T | undefined {
  return all.find((one) => one === value);
}
