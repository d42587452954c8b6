import type { SourceName } from "./source.ts";

/** The central repository of an owner has one of these names; the first that holds the folder counts. */
export const CENTRAL_NAMES = ["terrane", "terrateam"] as const;

/** Whether a repository of this full name is the central one of its owner, or would be. */
export function isCentralName(fullName: string): boolean {
  const name = fullName.slice(fullName.lastIndexOf("/") + 1).toLowerCase();
  return CENTRAL_NAMES.some((one) => one === name);
}

export const CENTRAL_FOLDER = "config";

/** The files of the central repository that say something about the repository of this name. */
export function centralPaths(
  name: string,
): readonly { readonly source: SourceName; readonly path: string }[] {
  const own = `${CENTRAL_FOLDER}/${name}`;
  return [
    { source: "central_defaults", path: `${CENTRAL_FOLDER}/defaults.yml` },
    { source: "central_overrides", path: `${CENTRAL_FOLDER}/overrides.yml` },
    { source: "central_repo_defaults", path: `${own}/defaults.yml` },
    { source: "central_repo_overrides", path: `${own}/overrides.yml` },
    { source: "central_config", path: `${own}/config.yml` },
  ];
}
