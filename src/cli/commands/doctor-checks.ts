import { access, constants, stat } from "node:fs/promises";
import { connect, createServer } from "node:net";
import { dirname } from "node:path";
import { apiOf, findServer } from "../api.ts";

/** One thing looked at. `note` is worth knowing and stops nothing. */
export interface Finding {
  readonly name: string;
  readonly state: "ok" | "missing" | "note";
  readonly detail: string;
  readonly next: string | undefined;
}

const CONNECT_MS = 3_000;

export async function checkPort(port: number): Promise<Finding> {
  const name = "port";
  const free = await new Promise<boolean>((resolve) => {
    const server = createServer();
    server.once("error", () => resolve(false));
    server.listen(port, "127.0.0.1", () => server.close(() => resolve(true)));
  });
  if (free) return { name, state: "ok", detail: `${port} is free`, next: undefined };
  return {
    name,
    state: "note",
    detail: `${port} is taken`,
    next: "A server may be running already; otherwise choose another with --port.",
  };
}

export async function checkDataDir(path: string): Promise<Finding> {
  const name = "data directory";
  for (let place = path; ; place = dirname(place)) {
    const found = await stat(place).catch(() => undefined);
    if (found === undefined && place !== dirname(place)) continue;
    const writable = await access(place, constants.W_OK).then(
      () => true,
      () => false,
    );
    if (writable) return { name, state: "ok", detail: path, next: undefined };
    return {
      name,
      state: "missing",
      detail: `${place} is not writable`,
      next: "Choose another with --data-dir or TERRANE_DATA_DIR.",
    };
  }
}

/** What the server on this data directory says of its database; nothing where none runs. */
export async function checkQuarantine(
  dataDir: string,
  env: Readonly<Record<string, string | undefined>>,
): Promise<readonly Finding[]> {
  const name = "applies";
  try {
    const { url, token } = await findServer(dataDir, undefined, env);
    const { quarantine, notices = [] } = await apiOf(url, token)("server", {});
    const ending = notices.map(({ vcs, message, next }) => {
      const note: Finding = { name: vcs, state: "note", detail: message, next };
      return note;
    });
    if (quarantine === null || quarantine === undefined) {
      return [{ name, state: "ok", detail: `${url} applies`, next: undefined }, ...ending];
    }
    const since = new Date(quarantine.since).toISOString();
    return [
      {
        name,
        state: "note",
        detail: `nothing is applied since ${since}: ${quarantine.because}`,
        next: "The database was promoted or restored. It ends by itself when every apply job from before has ended; end those in the CI system that hang.",
      },
      ...ending,
    ];
  } catch {
    return [];
  }
}

/** Whether the apps of the server on this data directory have what they need; nothing where none runs. */
export async function checkApps(
  dataDir: string,
  env: Readonly<Record<string, string | undefined>>,
): Promise<readonly Finding[]> {
  try {
    const { url, token } = await findServer(dataDir, undefined, env);
    const api = apiOf(url, token);
    const checks = [];
    for (const { key } of await api("apps", {})) checks.push(await api("checkApp", { key }));
    return checks.map(({ app, ok, findings }) => {
      const bad = findings.filter(({ state }) => state === "missing" || state === "unknown");
      const all = `${app.name ?? app.appId} on ${app.host} has all it needs`;
      const detail = bad.map((one) => `${one.title}: ${one.detail}`).join("; ");
      const next = ok
        ? undefined
        : `Run \`terrane apps check ${app.key}\`; it says where to mend it.`;
      const state = ok ? "ok" : bad.some((one) => one.state === "missing") ? "missing" : "note";
      return { name: `app ${app.key}`, state, detail: ok ? all : detail, next };
    });
  } catch {
    return [];
  }
}

export async function checkDatabase(url: string | undefined): Promise<Finding> {
  const name = "database";
  if (url === undefined || url === "") {
    return { name, state: "ok", detail: "embedded PostgreSQL", next: undefined };
  }
  const target = hostOf(url);
  if (target === undefined) {
    return {
      name,
      state: "missing",
      detail: "DATABASE_URL is no URL",
      next: "Use postgres://user@host:5432/name.",
    };
  }
  const reached = await new Promise<boolean>((resolve) => {
    const socket = connect(target);
    const end = (ok: boolean) => {
      socket.destroy();
      resolve(ok);
    };
    socket.setTimeout(CONNECT_MS, () => end(false));
    socket.once("connect", () => end(true));
    socket.once("error", () => end(false));
  });
  const where = `${target.host}:${target.port}`;
  if (reached) return { name, state: "ok", detail: where, next: undefined };
  return {
    name,
    state: "missing",
    detail: `${where} does not answer`,
    next: "Start PostgreSQL there, or unset DATABASE_URL for the embedded one.",
  };
}

function hostOf(url: string): { readonly host: string; readonly port: number } | undefined {
  try {
    const { hostname, port } = new URL(url);
    return { host: hostname, port: port === "" ? 5432 : Number(port) };
  } catch {
    return undefined;
  }
}
