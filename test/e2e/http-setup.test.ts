import { afterAll, beforeAll, expect, test } from "vitest";
import type { SetupView } from "../../src/contract/setup.ts";
import type { CommitSha } from "../../src/core/ids.ts";
import { type HttpLab, httpLab } from "../support/http-lab.ts";

let http: HttpLab;
let repository: string;

beforeAll(async () => {
  http = await httpLab();
  http.lab.vcs.files = ["net/main.tf"];
  await http.lab.open(1, ["net/main.tf"]);
  const [first] = (await (await http.call("/api/v1/repositories")).json()) as { id: string }[];
  repository = first?.id ?? "";
});

afterAll(() => http.close());

const setup = () => http.call(`/api/v1/repositories/${repository}/setup`);
const states = ({ items }: SetupView) => items.map(({ id, state }) => `${id} ${state}`);

test("the set-up of a repository is what it holds and what it left behind, at this moment", async () => {
  const { vcs } = http.lab;
  vcs.branches.set("main", "c".repeat(40) as CommitSha);
  vcs.config = "nonsense: true\n";
  const wrong = (await (await setup()).json()) as SetupView;
  expect(wrong).toMatchObject({ repository: "acme/infra", planned: false, canPropose: false });
  expect(states(wrong)).toEqual([
    "reach done",
    "webhook done",
    "workflow waiting",
    "configuration wrong",
    "pull_request done",
    "job waiting",
    "plan waiting",
    "apply waiting",
  ]);
  await http.lab.plans(await http.lab.claim());
  const planned = (await (await setup()).json()) as SetupView;
  expect(planned.planned).toBe(true);
  expect(states(planned)).toContain("job done");
});

test("a VCS that is away is said to be, and one that opens no pull requests is not asked for one", async () => {
  const { vcs } = http.lab;
  vcs.down = true;
  const asked = (await (await setup()).json()) as SetupView;
  vcs.down = false;
  expect(states(asked).slice(0, 4)).toEqual([
    "reach waiting",
    "webhook done",
    "workflow waiting",
    "configuration waiting",
  ]);
  const refused = await http.call(`/api/v1/repositories/${repository}/setup`, {
    method: "POST",
    body: {},
  });
  expect(refused.status).toBe(409);
  const unknown = await http.call("/api/v1/repositories/adopt", {
    method: "POST",
    body: { fullName: "acme/never" },
  });
  expect(unknown.status).toBe(404);
});
