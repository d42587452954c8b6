import { afterAll, beforeAll, expect, test } from "vitest";
import { WhyView } from "../../src/contract/why.ts";
import { type HttpLab, httpLab } from "../support/http-lab.ts";

const CONFIG = [
  "when_modified:",
  "  file_patterns:",
  "  - '${DIR}/*.tf'",
  "dirs:",
  "  db:",
  "    when_modified:",
  "      autoplan: false",
  "apply_requirements:",
  "  checks:",
  "  - tag_query: ''",
  "    approved:",
  "      enabled: true",
].join("\n");

let http: HttpLab;
let path: string;

beforeAll(async () => {
  http = await httpLab();
  const { lab } = http;
  lab.vcs.config = CONFIG;
  lab.vcs.files = ["net/main.tf", "db/main.tf", "app/main.tf", "docs/a.md"];
  await lab.open(1, ["net/main.tf", "db/main.tf"]);
  await lab.plans(await lab.claim());
  await lab.open(2, ["docs/a.md"]);
  const [first] = (await (await http.call("/api/v1/repositories")).json()) as { id: string }[];
  path = `/api/v1/repositories/${first?.id ?? ""}/pulls`;
});

afterAll(() => http.close());

async function why(number: number, query = ""): Promise<WhyView> {
  const response = await http.call(`${path}/${number}/why${query}`);
  expect(response.status).toBe(200);
  return WhyView.parse(await response.json());
}

test("every dirspace says where it stands, by which rule, and what it waits for", async () => {
  const { dirspaces, total } = await why(1);
  expect(total).toBe(2);
  const db = dirspaces.find(({ key }) => key === "db:default");
  expect(db).toMatchObject({
    phase: "unplanned",
    because: ["`db/main.tf` matches `${DIR}/*.tf`"],
    waits: [{ on: "command", code: "I_AUTOPLAN_OFF" }],
  });
  expect(db?.rules.map(({ about, rule }) => `${about} ${rule.text}`)).toEqual([
    "affected .terrane/config.yml:3",
    "directory .terrane/config.yml:5",
    "autoplan .terrane/config.yml:7",
  ]);
});

test("an approval that is missing is named before anybody tried to apply", async () => {
  const { dirspaces } = await why(1, "?dirspace=net");
  expect(dirspaces).toHaveLength(1);
  expect(dirspaces[0]).toMatchObject({
    key: "net:default",
    phase: "planned",
    waits: [
      {
        on: "approval",
        code: "E_NOT_APPROVED",
        rules: [{ path: "apply_requirements.checks[0].approved", line: 11 }],
      },
    ],
  });
});

test("each decision names its event: who, which comment, which delivery", async () => {
  await http.lab.say(1, "bob", "terrane apply dir:net");
  await http.lab.hear(1, { kind: "review", number: 1 }, "delivery-77");
  await http.lab.drain();
  const { decisions } = await why(1);
  expect(decisions[0]?.event).toMatchObject({ text: "a review changed", delivery: "delivery-77" });
  const asked = decisions.find(({ event }) => event.kind === "commented");
  expect(asked?.event).toMatchObject({
    text: "bob commented `terrane apply dir:net`",
    actor: "bob",
  });
  expect(asked?.event.comment).not.toBeNull();
  expect(asked?.reasons.map(({ code }) => code)).toContain("E_NOT_APPROVED");
});

test("of one dirspace only the decisions are told that concern it", async () => {
  const { decisions } = await why(1, "?dirspace=db:default");
  const codes = decisions.flatMap(({ reasons }) => reasons.map(({ code }) => code));
  expect(codes).toContain("I_AUTOPLAN_OFF");
  expect(codes).not.toContain("I_PLAN_STARTED");
  expect(codes).not.toContain("I_RUN_FINISHED");
});

test.each([
  ["app", false, "`app:default`"],
  ["docs/a.md", false, "is not part of the change"],
  ["net/main.tf", true, "`net:default` is affected"],
  ["nowhere", false, "no file and no directory `nowhere`"],
])("of %s, which is no dirspace of the change, it says why", async (asked, affected, words) => {
  const { target, dirspaces } = await why(1, `?dirspace=${encodeURIComponent(asked)}`);
  expect(dirspaces).toEqual([]);
  expect(target?.affected).toBe(affected);
  expect(target?.reasons.join(" ")).toContain(words);
});

test("of a pull request that touches nothing it says so, with the rule", async () => {
  const { said, dirspaces } = await why(2);
  expect(dirspaces).toEqual([]);
  expect(said[0]).toMatchObject({
    code: "I_NOTHING_AFFECTED",
    rules: [{ file: ".terrane/config.yml", line: 2 }],
  });
});

test("a delivery from which nothing follows stands with its pull request", async () => {
  const about = { repository: "repo-1", number: 2 };
  const because = "The comment is our own.";
  http.received = { kind: "ignored", deliveryId: "d-9", because, about };
  await http.ask("/api/v1/webhooks/fake", { method: "POST", body: {} });
  expect((await why(2)).ignored).toMatchObject([{ delivery: "d-9", because }]);
  expect((await why(1)).ignored).toEqual([]);
});

test("a pull request that nobody knows is not found", async () => {
  expect((await http.call(`${path}/99/why`)).status).toBe(404);
});
