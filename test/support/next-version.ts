import { readFileSync } from "node:fs";
import type { Plugin } from "esbuild";

/** What the next version may do to the schema while servers of this one work on it: add, with a default or empty. */
const EXPAND = `
alter table event add column of_the_next_version integer not null default 1;
alter table run add column of_the_next_version text;
alter table work add column of_the_next_version text default 'unknown';
create index of_the_next_version_index on decision (pull_request_id, of_the_next_version_at);
`;

/** The migration that this version has never heard of. */
export const NEXT_MIGRATION = "9000_of_the_next_version";

/** Bundled with this, the server is a later version of itself: it brings one more migration. */
export function nextVersion(): Plugin {
  const sql = `alter table decision add column of_the_next_version_at timestamptz default now();${EXPAND}`;
  const migration = { number: 9000, name: NEXT_MIGRATION, sha256: "0".repeat(64), sql };
  return {
    name: "next-version",
    setup(build) {
      build.onLoad({ filter: /migrations\.gen\.ts$/ }, ({ path }) => ({
        loader: "ts",
        contents: `${readFileSync(path, "utf8").replace(
          "export const migrations",
          "const released",
        )}\nexport const migrations = [...released, ${JSON.stringify(migration)}];\n`,
      }));
    },
  };
}
