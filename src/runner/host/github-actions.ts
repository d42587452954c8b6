import { randomBytes } from "node:crypto";
import { appendFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { codeSource, type FoundHost, type Host, type HostEnv, type Print } from "./host.ts";

const TOKEN_TIMEOUT_MS = 30_000;
const TOKEN_TRIES = 3;

/** True in a job that can ask its CI service for an identity token by URL. */
export function isActionsHost(env: HostEnv): boolean {
  return (env["ACTIONS_ID_TOKEN_REQUEST_URL"] ?? "") !== "";
}

/** A CI service that mints identity tokens on request and reads commands from the log. */
export function actionsHost(env: HostEnv, cwd: string, print: Print): FoundHost {
  const input = (name: string) =>
    env[`TERRANE_${name.replace("-", "_")}`] ?? env[`INPUT_${name}`] ?? "";
  const serverUrl = input("SERVER-URL");
  const attempt = input("ATTEMPT");
  if (serverUrl === "" || attempt === "") {
    const message =
      "The runner needs the inputs server-url and attempt. The server passes them when it starts the workflow; do not start it by hand.";
    return { kind: "missing", message };
  }
  const summary = env["GITHUB_STEP_SUMMARY"] ?? "";
  const host: Host = {
    ...(summary === "" ? {} : { showSummary: (markdown) => appendFile(summary, markdown) }),
    serverUrl,
    attempt,
    identityToken: (audience) => requestToken(env, audience),
    workDir: join(env["RUNNER_TEMP"] ?? tmpdir(), `terrane-${process.pid}`),
    checkoutDir: cwd,
    source: codeSource(env),
    stateDir: env["TERRANE_STATE_DIR"],
    log: (line) => print(`${line}\n`),
    openGroup: (title) => {
      print(`::group::${title.replaceAll("\n", " ")}\n`);
      return {
        write: (text) => {
          // Tools may print what this service would obey as a command: it is told not to listen meanwhile.
          const pause = randomBytes(16).toString("hex");
          print(`::stop-commands::${pause}\n${text}::${pause}::\n`);
        },
        end: () => print("::endgroup::\n"),
      };
    },
  };
  return { kind: "ok", host };
}

async function requestToken(env: HostEnv, audience: string): Promise<string> {
  const url = new URL(env["ACTIONS_ID_TOKEN_REQUEST_URL"] ?? "");
  url.searchParams.set("audience", audience);
  let problem = "";
  for (let tried = 0; tried < TOKEN_TRIES; tried += 1) {
    try {
      const response = await fetch(url, {
        headers: { authorization: `Bearer ${env["ACTIONS_ID_TOKEN_REQUEST_TOKEN"] ?? ""}` },
        signal: AbortSignal.timeout(TOKEN_TIMEOUT_MS),
      });
      const body: unknown = await response.json();
      if (typeof body === "object" && body !== null && "value" in body) {
        if (typeof body.value === "string" && body.value !== "") return body.value;
      }
      problem = `HTTP ${response.status}`;
    } catch (error) {
      problem = error instanceof Error ? error.message : String(error);
    }
    await new Promise((done) => setTimeout(done, 1_000 * (tried + 1)));
  }
  throw new Error(
    `The CI service gave no identity token (${problem}). Does the job have the permission "id-token: write"?`,
  );
}
