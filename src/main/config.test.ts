import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { ConfigError, readConfig, SETTING_NAMES } from "./config.ts";

const GITHUB = {
  GITHUB_APP_ID: "12",
  GITHUB_PRIVATE_KEY: "line\\nline",
  GITHUB_WEBHOOK_SECRET: "new, old",
};

test("an empty environment is enough, and holds no secret", () => {
  const config = readConfig({});
  expect(config).toMatchObject({ publicUrl: undefined, token: undefined, secretKey: undefined });
  expect(config.github).toBeUndefined();
  expect(config.actor).not.toBe("");
});

test("an empty variable is one that is not set", () => {
  expect(readConfig({ TERRANE_TOKEN: "", GITHUB_APP_ID: "" }).github).toBeUndefined();
});

test("GitHub takes more than one webhook secret, so that they can be changed, and a key in one line", () => {
  expect(readConfig(GITHUB).github).toMatchObject({
    appId: 12,
    privateKey: "line\nline",
    webhookSecrets: ["new", "old"],
    apiUrl: "https://api.github.com",
  });
});

test.each(["GITHUB_APP_ID", "GITHUB_PRIVATE_KEY", "GITHUB_WEBHOOK_SECRET"] as const)(
  "GitHub by halves does not start: without %s",
  (name) => {
    const { [name]: _left, ...rest } = GITHUB;
    expect(() => readConfig(rest)).toThrow(new RegExp(name));
  },
);

const GITLAB = {
  GITLAB_URL: "https://gitlab.example/",
  GITLAB_TOKEN: "a-token",
  GITLAB_WEBHOOK_SIGNING_TOKEN: `whsec_${Buffer.alloc(32, 1).toString("base64")}`,
};

test("GitLab needs a token and something to prove webhooks by, and takes either kind", () => {
  const { GITLAB_WEBHOOK_SIGNING_TOKEN: signing, ...bare } = GITLAB;
  expect(readConfig(GITLAB).gitlab).toMatchObject({
    url: "https://gitlab.example",
    webhookSecrets: { tokens: [], signing: [signing] },
    parameters: "inputs",
  });
  const secret = { ...bare, GITLAB_WEBHOOK_SECRET: "old, new" };
  expect(readConfig(secret).gitlab?.webhookSecrets).toEqual({
    tokens: ["old", "new"],
    signing: [],
  });
  expect(() => readConfig(bare)).toThrow(/GITLAB_WEBHOOK_SIGNING_TOKEN or GITLAB_WEBHOOK_SECRET/);
  expect(() => readConfig({ ...bare, GITLAB_WEBHOOK_SECRET: " , " })).toThrow(ConfigError);
  expect(() => readConfig({ ...GITLAB, GITLAB_TOKEN: "" })).toThrow(/GITLAB_TOKEN/);
  expect(() => readConfig({ ...GITLAB, GITLAB_TOKEN: " " })).toThrow(/empty/);
  expect(readConfig({ GITLAB_URL: "https://gitlab.example" }).gitlab).toBeUndefined();
});

test.each([
  ["GITLAB_WEBHOOK_SIGNING_TOKEN", "whsec_short"],
  ["GITLAB_CI_PARAMETERS", "both"],
  ["GITLAB_URL", "gitlab.example"],
  ["TERRANE_URL", "ftp://x"],
  ["TERRANE_URL", "not an address"],
  ["TERRANE_URL", "https://tf.example/terrane"],
  ["TERRANE_URL", "https://ann@tf.example"],
  ["TERRANE_URL", "HTTPS://tf.example"],
  ["TERRANE_URL", "https://tf.example:443"],
  ["TERRANE_METRICS_TOKEN", `${"a".repeat(32)} ${"b".repeat(32)}`],
  ["TERRANE_TOKEN", "é".repeat(40)],
  ["TERRANE_ACTOR", "-x"],
  ["TERRANE_TOKEN", "short"],
  ["TERRANE_SECRET_KEY", "c2hvcnQ="],
  ["DATABASE_CONNECTIONS", "0"],
  ["GITHUB_WEBHOOK_SECRET", " , "],
])("a value that cannot be used is named, never shown: %s", (name, value) => {
  const read = () => readConfig({ ...GITHUB, [name]: value });
  expect(read).toThrow(ConfigError);
  expect(read).toThrow(new RegExp(name));
  expect(read).not.toThrow(new RegExp(`${value}.+`));
});

test("a token loses the line end of the file that it was read from", () => {
  expect(readConfig({ TERRANE_TOKEN: `${"a".repeat(32)}\n` }).token).toBe("a".repeat(32));
});

test("an address loses its last slash, and names are compared in lower case", () => {
  const config = readConfig({
    TERRANE_URL: "https://tf.example/",
    TERRANE_HOSTS: "A.example, b:80",
  });
  expect(config.publicUrl).toBe("https://tf.example");
  expect(config.hosts).toEqual(["a.example", "b:80"]);
});

test("caps of CI jobs are a number, and exceptions by name", () => {
  expect(readConfig({}).jobs.repository.max).toBe(20);
  const { jobs } = readConfig({ TERRANE_JOBS_PER_REPOSITORY: "5, acme/infra=40" });
  expect(jobs.repository).toEqual({ max: 5, of: new Map([["acme/infra", 40]]) });
  expect(jobs.installation.max).toBe(60);
});

test.each(["0", "many", "5,acme/infra", "5,,6", "1000000"])("a cap of %s does not start", (cap) => {
  expect(() => readConfig({ TERRANE_JOBS_PER_ENVIRONMENT: cap })).toThrow(/TERRANE_JOBS_PER_ENV/);
});

test("every setting has its row on the page of settings, and every row is a setting", () => {
  const page = join(import.meta.dirname, "../../docs/operating/settings.md");
  const cells = readFileSync(page, "utf8").matchAll(/^\| (`[A-Z_]+`(?: or `[A-Z_]+`)?) +\|/gm);
  const rows = [...cells].flatMap(([, cell = ""]) => cell.replaceAll("`", "").split(" or "));
  // It is an option of `up` as well, and read there.
  expect(rows.toSorted()).toEqual([...SETTING_NAMES, "DATABASE_URL"].toSorted());
});

test("a turn lasts as long as is set, in whole minutes", () => {
  expect(readConfig({}).turnMs).toBeUndefined();
  expect(readConfig({ TERRANE_TURN_MINUTES: "15" }).turnMs).toBe(900_000);
  expect(() => readConfig({ TERRANE_TURN_MINUTES: "0" })).toThrow("TERRANE_TURN_MINUTES");
});

test("more first words of comments are taken in lower case, and none that counts anyway", () => {
  const words = (text: string) => readConfig({ TERRANE_COMMENT_WORDS: text }).commentWords;
  expect(readConfig({}).commentWords).toEqual([]);
  expect(words("Atlantis, @infra-bot")).toEqual(["atlantis", "@infra-bot"]);
  for (const bad of ["two words", "terraform", "Terrane", "x", "a;b"]) {
    expect(() => words(bad)).toThrow("TERRANE_COMMENT_WORDS");
  }
});
