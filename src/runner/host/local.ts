import { tmpdir } from "node:os";
import { join } from "node:path";
import { claimAudience } from "../../contract/runner-api.ts";
import { codeSource, type FoundHost, type Host, type HostEnv, type Print } from "./host.ts";
import { openSection } from "./log-section.ts";
import { idTokenFor, oneTimeCode } from "./proofs.ts";

/** Any CI system, or a plain machine, that hands over its facts as variables. */
export function localHost(env: HostEnv, cwd: string, print: Print): FoundHost {
  const serverUrl = env["TERRANE_SERVER_URL"] ?? "";
  const attempt = env["TERRANE_ATTEMPT"] ?? "";
  const code = oneTimeCode(env);
  const missing = Object.entries({
    TERRANE_SERVER_URL: serverUrl,
    TERRANE_ATTEMPT: attempt,
    TERRANE_ID_TOKEN: code === "" ? idTokenFor(env, "") : code,
  }).flatMap(([name, value]) => (value === "" ? [name] : []));
  if (missing.length > 0) {
    const message = `The runner needs ${missing.join(", ")}. It is started by the server through the CI system and not by hand.`;
    return { kind: "missing", message };
  }
  const own = claimAudience(serverUrl, attempt);
  const host = {
    serverUrl,
    attempt,
    // A code is for the server alone; clouds are shown identity tokens.
    identityToken: (audience: string) =>
      Promise.resolve(code !== "" && audience === own ? code : idTokenFor(env, audience)),
    workDir: env["TERRANE_WORK_DIR"] ?? join(tmpdir(), `terrane-${process.pid}`),
    checkoutDir: cwd,
    source: codeSource(env),
    stateDir: env["TERRANE_STATE_DIR"],
    log: (line: string) => print(`${line}\n`),
    openGroup: groupsOf(env, print),
  };
  return { kind: "ok", host };
}

function groupsOf(env: HostEnv, print: Print): Host["openGroup"] {
  if (env["TERRANE_LOG_GROUPS"] !== "sections") {
    return (title) => {
      print(`── ${title} ──\n`);
      return { write: print, end: () => undefined };
    };
  }
  let groups = 0;
  return (title) => {
    groups += 1;
    return openSection(print, `unit_${groups}`, title, () => Math.floor(Date.now() / 1_000));
  };
}
