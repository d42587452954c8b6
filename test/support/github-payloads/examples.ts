import { readdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";

/** One payload that GitHub, or an Enterprise Server, has sent somebody. */
export interface Example {
  /** `api.github.com`, or `ghes-35`. */
  readonly site: string;
  readonly event: string;
  readonly payload: Readonly<Record<string, unknown>>;
}

const require = createRequire(import.meta.url);
const FOLDER = dirname(require.resolve("@octokit/webhooks-examples/package.json"));

/** Every payload of `@octokit/webhooks-examples`, of every site. */
export function readExamples(): readonly Example[] {
  const folders = readdirSync(FOLDER, { withFileTypes: true }).filter((one) => one.isDirectory());
  const sites = folders.map(({ name }) => name).toSorted();
  return sites.flatMap((site) => {
    const text = readFileSync(join(FOLDER, site, "index.json"), "utf8");
    const events = JSON.parse(text) as readonly {
      readonly name: string;
      readonly examples: readonly Example["payload"][];
    }[];
    return events.flatMap(({ name, examples }) =>
      examples.map((payload): Example => ({ site, event: name, payload })),
    );
  });
}
