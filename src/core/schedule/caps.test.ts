import fc from "fast-check";
import { expect, test } from "vitest";
import type { AttemptId, RepositoryId } from "../ids.ts";
import { type JobCaps, type PlacesTaken, reachedCaps } from "./caps.ts";
import { chooseJobs } from "./choose.ts";

const NONE = new Map<string, number>();
const CAPS: JobCaps = {
  installation: { max: 6, of: NONE },
  repository: { max: 4, of: new Map([["acme/small", 1]]) },
  environment: { max: 2, of: new Map([["acme/infra:lab", 3]]) },
};

function taken(running: readonly [number, number, number], names: readonly string[]): PlacesTaken {
  const [repository = "", environment = ""] = names;
  return {
    installation: { name: "1", running: running[0] },
    repository: { name: repository, running: running[1] },
    environment: { name: environment, running: running[2] },
  };
}

test.each([
  ["nothing is reached", [5, 3, 1], ["acme/infra", "prod"], []],
  ["the installation's", [6, 3, 1], ["acme/infra", "prod"], ["installation 1: 6 of 6"]],
  ["the repository's", [5, 4, 1], ["acme/infra", "prod"], ["repository acme/infra: 4 of 4"]],
  ["the environment's", [5, 3, 2], ["acme/infra", "prod"], ["environment prod: 2 of 2"]],
  ["an exception by name", [5, 3, 2], ["acme/infra", "lab"], []],
  ["a smaller exception", [5, 1, 0], ["acme/small", "prod"], ["repository acme/small: 1 of 1"]],
  ["one that was lowered", [5, 9, 0], ["acme/infra", "prod"], ["repository acme/infra: 9 of 4"]],
  ["no environment has no cap", [5, 3, 3], ["acme/infra", ""], []],
  [
    "all that are reached",
    [7, 4, 2],
    ["acme/infra", "prod"],
    ["installation 1: 7 of 6", "repository acme/infra: 4 of 4", "environment prod: 2 of 2"],
  ],
] as const)("S9 a job that waits names the caps that keep it waiting: %s", (_, at, names, said) => {
  const words = reachedCaps(CAPS, taken(at, names)).map(
    ({ of, name, running, max }) => `${of} ${name}: ${running} of ${max}`,
  );
  expect(words).toEqual(said);
});

test("S9 a job names a cap exactly when the caps keep it from starting", () => {
  const few = fc.nat(4);
  const names = fc.constantFrom("", "prod");
  fc.assert(
    fc.property(few, few, few, few, few, few, names, (i, r, e, maxI, maxR, maxE, environment) => {
      const caps: JobCaps = {
        installation: { max: maxI, of: NONE },
        repository: { max: maxR, of: NONE },
        environment: { max: maxE, of: NONE },
      };
      const job = {
        attempt: "a" as AttemptId,
        kind: "plan" as const,
        expectedMs: 1,
        remainingMs: 1,
        seq: 1,
      };
      const max = environment === "" ? Number.POSITIVE_INFINITY : maxE;
      const lane = { environment, running: e, max, complete: true, waiting: [job] } as const;
      const share = {
        repository: "r" as RepositoryId,
        served: 0,
        starts: 0,
        running: r,
        max: maxR,
      };
      const { jobs } = chooseJobs({
        served: 0,
        room: maxI - i,
        shares: [{ ...share, lanes: [lane] }],
      });
      const reached = reachedCaps(caps, taken([i, r, e], ["acme/infra", environment]));
      expect(reached.length > 0).toBe(jobs.length === 0);
    }),
  );
});
