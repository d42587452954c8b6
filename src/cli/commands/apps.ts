import { Command } from "commander";
import type { AddAppBody, AppCheckView, AppView } from "../../contract/apps.ts";
import { type Host, UsageError } from "../host.ts";
import { paint, plain, table } from "../print.ts";
import { connect, type RemoteOptions, remoteCommand } from "./remote.ts";

const NOTES = `
An app is what this server is to a forge. The dashboard registers one in the browser, under "Connect"; an app that exists
is added here with its id, its private key and its webhook secret. Every server of the database has it a moment later.

Examples:
  terrane apps list
  terrane apps check                   what is missing, and where to mend it
  terrane apps add --app-id 12345 --private-key-file app.pem --webhook-secret-file secret.txt
  terrane apps add --app-id 7 --host ghe.example.com --private-key-file app.pem --webhook-secret-file - < secret.txt
  terrane apps remove KEY --yes`;

const FILE_BYTES_MAX = 64 * 1024;

export function appsCommand(host: Host): Command {
  const apps = new Command("apps")
    .description("the apps by which this server is connected to forges")
    .addHelpText("after", NOTES);
  for (const make of [listCommand, checkCommand, addCommand, removeCommand]) {
    apps.addCommand(make(host));
  }
  return apps;
}

function listCommand(host: Host): Command {
  return remoteCommand(host, "list", "list them").action(async (options: RemoteOptions) => {
    const all = await (await connect(host, options))("apps", {});
    if (options.json === true) return host.out(JSON.stringify(all));
    if (all.length === 0) {
      return host.out("There are none. The dashboard registers one, or `terrane apps add`.");
    }
    const rows = all.map((one) => [
      one.key,
      one.name ?? "",
      one.appId,
      one.host,
      one.source,
      one.problem === null ? "ok" : "unusable",
    ]);
    host.out(table(["key", "name", "id", "host", "from", "state"], rows));
    for (const { key, problem } of all) {
      if (problem !== null) host.out(`${paint(host, "bold", key)}: ${plain(problem)}`);
    }
  });
}

interface CheckOptions extends RemoteOptions {
  readonly mend?: boolean;
}

function checkCommand(host: Host): Command {
  return remoteCommand(host, "check", "ask the forge whether an app has all it needs")
    .argument("[key]", "which one; all of them without it")
    .option("--mend", "set address and secret of the webhook on the forge")
    .action(async (key: string | undefined, options: CheckOptions) => {
      const api = await connect(host, options);
      const keys = key === undefined ? (await api("apps", {})).map((one) => one.key) : [key];
      const checks: AppCheckView[] = [];
      for (const one of keys) {
        checks.push(await api(options.mend === true ? "mendApp" : "checkApp", { key: one }));
      }
      if (options.json === true) {
        host.out(JSON.stringify(key === undefined ? checks : checks[0]));
      } else if (checks.length === 0) {
        host.out("There are no apps. The dashboard registers one, or `terrane apps add`.");
      } else for (const one of checks) showCheck(host, one);
      if (checks.some(({ ok }) => !ok)) process.exitCode = 1;
    });
}

function showCheck(host: Host, { app, findings, installations }: AppCheckView): void {
  host.out(paint(host, "bold", plain(`${app.key}: ${app.name ?? app.appId} on ${app.host}`)));
  const rows = findings.map((one) => [one.title, one.state, one.detail].map(plain));
  host.out(table(["what", "state", "found"], rows));
  for (const { title, next, url, state } of findings) {
    if (next === null || state === "ok") continue;
    const where = url === null ? "" : `\n  ${url}`;
    host.out(plain(`${title}: ${next}${where}`));
  }
  for (const { account, repositories } of installations) {
    const names = repositories?.names ?? [];
    if (names.length > 0) host.out(plain(`${account} has ${names.join(", ")}`));
  }
}

interface AddOptions extends RemoteOptions {
  readonly appId: string;
  readonly privateKeyFile: string;
  readonly webhookSecretFile: string;
  readonly host?: string;
  readonly key?: string;
  readonly upgrade?: readonly string[];
  readonly workflow?: readonly string[];
  readonly jobWorkflow?: readonly string[];
  readonly issuer?: string;
}

function addCommand(host: Host): Command {
  return remoteCommand(host, "add", "add an app that exists on a forge")
    .requiredOption("--app-id <number>", "its id, from its page")
    .requiredOption(
      "--private-key-file <path>",
      "its private key, a PEM file; - reads it from standard input",
    )
    .requiredOption(
      "--webhook-secret-file <path>",
      "its webhook secret, or two in two lines while you change it; - reads it from standard input",
    )
    .option("--host <address>", "where the forge is, unless it is the public one")
    .option("--key <key>", "what it goes by here, and in its webhook's address")
    .option("--upgrade <names...>", "what it may do beyond the least")
    .option("--workflow <files...>", "names of the workflow files, unless the usual ones")
    .option("--job-workflow <refs...>", "reusable workflows that jobs may be in")
    .option("--issuer <url>", "who signs the identity tokens of its jobs, unless the usual one")
    .action(async (options: AddOptions) => {
      const api = await connect(host, options);
      const added = await api("addApp", {}, await bodyOf(host, options));
      if (options.json === true) return host.out(JSON.stringify(added));
      showAdded(host, added);
    });
}

async function bodyOf(host: Host, options: AddOptions): Promise<AddAppBody> {
  const { appId, privateKeyFile, webhookSecretFile } = options;
  if (privateKeyFile === "-" && webhookSecretFile === "-") {
    throw new UsageError("Only one of the two can come from standard input.", undefined, 2);
  }
  const privateKey = await readSecret(host, privateKeyFile, "private key");
  const secrets = await readSecret(host, webhookSecretFile, "webhook secret");
  const webhookSecrets = secrets.split(/\r?\n/).flatMap((line) => (line === "" ? [] : [line]));
  return {
    appId,
    privateKey,
    webhookSecrets,
    ...(options.host === undefined ? {} : { host: options.host }),
    ...(options.key === undefined ? {} : { key: options.key }),
    ...(options.upgrade === undefined ? {} : { upgrades: [...options.upgrade] }),
    ...(options.workflow === undefined ? {} : { workflows: [...options.workflow] }),
    ...(options.jobWorkflow === undefined ? {} : { jobWorkflows: [...options.jobWorkflow] }),
    ...(options.issuer === undefined ? {} : { issuer: options.issuer }),
  };
}

async function readSecret(host: Host, path: string, what: string): Promise<string> {
  const { machine } = host;
  const read =
    path === "-"
      ? await machine.readInput(FILE_BYTES_MAX)
      : await machine.readFile(path, FILE_BYTES_MAX);
  if (read.kind === "ok" && read.text.trim() !== "") return read.text.trim();
  const name = path === "-" ? "Standard input" : path;
  const why =
    read.kind === "ok" ? "is empty" : read.kind === "missing" ? "is not there" : read.message;
  throw new UsageError(`${name} ${why}.`, `It has to hold the ${what} of the app.`);
}

function showAdded(host: Host, { key, name, webhookUrl, installUrl, problem }: AppView): void {
  host.out(plain(`Added ${name ?? "the app"} as ${key}. Its webhooks come to ${webhookUrl}.`));
  if (problem !== null) return host.out(plain(problem));
  host.out(`Look whether all is there with \`terrane apps check ${key}\`.`);
  if (installUrl !== null) host.out(plain(`Install it on repositories at ${installUrl}`));
}

interface RemoveOptions extends RemoteOptions {
  readonly yes?: boolean;
}

function removeCommand(host: Host): Command {
  return remoteCommand(host, "remove", "forget an app and its secrets")
    .argument("<key>")
    .option("--yes", "do not ask")
    .action(async (key: string, options: RemoveOptions) => {
      const api = await connect(host, options);
      if (options.yes !== true) {
        const question = `Forget the app ${key} and its secrets? What is stored about its repositories stays. Type ${key}: `;
        const answer = host.interactive ? await host.ask(question) : undefined;
        if (answer?.trim() !== key) {
          throw new UsageError("Nothing was removed.", "Say so with --yes.");
        }
      }
      await api("removeApp", { key });
      host.out(
        options.json === true
          ? '{"ok":true}'
          : `Removed ${key}. On the forge the app is still there: uninstall or delete it on its page.`,
      );
    });
}
