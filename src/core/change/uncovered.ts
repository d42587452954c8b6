import type { Finding } from "../config/finding.ts";
import type { Path } from "../config/places.ts";
import { possibility } from "../query/possibility.ts";
import type { Query } from "../query/query.ts";
import { buildQueryIndex } from "../query/query-index.ts";
import type { Derived } from "./derived.ts";
import { dirspaceKey } from "./dirspace.ts";
import { COMPARISONS_MAX, possibleTags } from "./possible-tags.ts";

/** What happens to a dirspace that no entry is for: a sentence with its name in it. */
type Meaning = (name: string) => string;

/** Lists that need an entry for every dirspace and have none for some. One of these is named. */
export function uncovered(derived: Derived): readonly Finding[] {
  const { applyRequirements, accessControl } = derived.config;
  const { checks } = applyRequirements;
  const { enabled, policies } = accessControl;
  const queries = (list: readonly { readonly tagQuery: Query }[]) =>
    list.map((one) => one.tagQuery);
  return [
    ...gap(derived, ["apply_requirements", "checks"], queries(checks), (name) => {
      return `every apply of ${name} is refused`;
    }),
    ...(enabled
      ? gap(derived, ["access_control", "policies"], queries(policies), (name) => {
          return `nobody may plan or apply ${name}`;
        })
      : []),
  ];
}

function gap(
  derived: Derived,
  path: Path,
  queries: readonly Query[],
  meaning: Meaning,
): readonly Finding[] {
  const dirspace = derived.dirspaces[firstUncovered(derived, queries)]?.dirspace;
  if (dirspace === undefined) return [];
  const name = `\`${dirspaceKey(dirspace)}\``;
  const why = queries.length === 0 ? "this list is empty" : `no entry of this list matches ${name}`;
  const message =
    `${why}, so ${meaning(queries.length === 0 ? `${name} or any other` : "it")}; ` +
    'an entry with `tag_query: ""` at the end is for all that no other one matches';
  return [{ severity: "warning", code: "never_matches", message, path }];
}

/** The position of a dirspace that none of the queries can match, -1 where there is none or it takes too long to know. */
function firstUncovered(derived: Derived, queries: readonly Query[]): number {
  if (queries.some(({ root }) => root === null)) return -1;
  const tags = possibleTags(derived);
  const index = buildQueryIndex(queries);
  let comparisons = 0;
  for (const [position, { dirspace }] of derived.dirspaces.entries()) {
    const { dir } = dirspace;
    if (index.first({ tags: tags.of(position), dir }) >= 0) continue;
    // What only some pull requests have may still match.
    const certainty = tags.certaintyAt(position);
    comparisons += queries.length;
    if (comparisons > COMPARISONS_MAX) return -1;
    const maybe = queries.some(
      ({ root }) => root === null || possibility(root, dir, certainty).yes,
    );
    if (!maybe) return position;
  }
  return -1;
}
