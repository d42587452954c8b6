import type { Layer } from "./layer.ts";

/** The central repository of an owner has one of these names; the first that holds the folder counts. */
export const CENTRAL_NAMES = ["terrane", "terrateam"] as const;

export const CENTRAL_FOLDER = "config";

/** The files of the central repository that say something about the repository of this name. */
export function centralPaths(
  name: string,
): readonly { readonly layer: Layer; readonly path: string }[] {
  const own = `${CENTRAL_FOLDER}/${name}`;
  return [
    { layer: "central_defaults", path: `${CENTRAL_FOLDER}/defaults.yml` },
    { layer: "central_overrides", path: `${CENTRAL_FOLDER}/overrides.yml` },
    { layer: "central_repo_defaults", path: `${own}/defaults.yml` },
    { layer: "central_repo_overrides", path: `${own}/overrides.yml` },
    { layer: "central_config", path: `${own}/config.yml` },
  ];
}
