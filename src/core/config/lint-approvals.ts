import type { Finding } from "./finding.ts";
import { OLD_ROLE_KIND } from "./match.ts";
import type { RawConfig } from "./raw.ts";
import { approvalsOf, matchListsOf } from "./raw-walk.ts";

/** Lists of people that work, but not for long or not as meant. */
export function lintApprovals(raw: RawConfig, findings: Finding[]): void {
  for (const { value: terms, path } of matchListsOf(raw)) {
    for (const [index, term] of terms.entries()) {
      if (!term.startsWith(`${OLD_ROLE_KIND}:`)) continue;
      const suggestion = `role:${term.slice(OLD_ROLE_KIND.length + 1)}`;
      findings.push({
        severity: "warning",
        code: "deprecated",
        message: `\`${term}\` is deprecated: \`${suggestion}\` replaces it`,
        path: [...path, index],
        suggestion,
      });
    }
  }
  for (const { value, path } of approvalsOf(raw)) {
    const people = namedPeople(value.any_of ?? []);
    const wanted = value.any_of_count ?? 1;
    if (people === undefined || wanted <= people) continue;
    findings.push({
      severity: "warning",
      code: "never_matches",
      message: `\`any_of_count\` asks for ${wanted} people, and \`any_of\` names ${people}: nobody can ever meet this`,
      path: [...path, "any_of_count"],
      suggestion: String(people),
    });
  }
}

/** How many people a list can stand for; `undefined` where it does not say, as with a team. */
function namedPeople(terms: readonly string[]): number | undefined {
  if (terms.length === 0 || !terms.every((term) => term.startsWith("user:"))) return undefined;
  return new Set(terms.map((term) => term.toLowerCase())).size;
}
