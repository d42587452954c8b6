import { sql } from "kysely";
import type {
  AppAdded,
  AppRecord,
  AppSettings,
  AppStore,
  SealedSecrets,
  SetupWish,
  StoredApp,
} from "../../ports/app-store.ts";
import type { Database } from "../pool.ts";
import { inTransaction, type Tx } from "../transaction.ts";

/** Apps are added by people, one at a time: whoever adds one waits for the others. */
const ADDING = "terrane-app";

export function appStore(database: Database): AppStore {
  const db = database.statements;
  return {
    async revisions() {
      const { rows } = await sql<{ key: string; revision: string }>`
        select key, revision::text from app where removed_at is null
      `.execute(db);
      return new Map(rows.map(({ key, revision }) => [key, revision]));
    },
    async apps() {
      const { rows } = await sql<AppRow>`
        select * from app where removed_at is null order by created_at, key
      `.execute(db);
      return rows.map(appOf);
    },
    async takenKeys() {
      const { rows } = await sql<{ key: string }>`
        select key from app
        union select key from app_setup where expires_at > now()
        union select distinct vcs from installation
      `.execute(db);
      return new Set(rows.map(({ key }) => key));
    },
    add: (app, secrets) => inTransaction(database, (tx) => add(tx, app, secrets)),
    async remove(key) {
      const removed = await sql`
        update app set removed_at = now(), private_key = null, webhook_secrets = null,
          revision = nextval('app_revision')
        where key = ${key} and removed_at is null
      `.execute(db);
      return (removed.numAffectedRows ?? 0n) > 0n;
    },
    async begin({ stateHash, callerHash, key, wish }, ms) {
      await sql`delete from app_setup where expires_at <= now()`.execute(db);
      const begun = await sql`
        insert into app_setup (state_hash, caller_hash, key, wish, expires_at)
        values (${stateHash}, ${callerHash}, ${key}, ${JSON.stringify(wish)}::jsonb,
          now() + ${ms} * interval '1 millisecond')
        on conflict do nothing
      `.execute(db);
      return (begun.numAffectedRows ?? 0n) > 0n;
    },
    async take(stateHash, callerHash) {
      // One statement: of two who come with the same state one gets it.
      const { rows } = await sql<{ key: string; wish: SetupWish }>`
        delete from app_setup
        where state_hash = ${stateHash} and caller_hash = ${callerHash} and expires_at > now()
        returning key, wish
      `.execute(db);
      return rows[0];
    },
  };
}

async function add(tx: Tx, app: AppRecord, secrets: SealedSecrets): Promise<AppAdded> {
  await sql`select pg_advisory_xact_lock(hashtext(${ADDING}))`.execute(tx);
  const { rows: known } = await sql<{ key: string; apiUrl: string; here: boolean; same: boolean }>`
    select key, api_url as "apiUrl", removed_at is null as here,
      (api_url = ${app.apiUrl} and app_id = ${app.appId}) as same
    from app where key = ${app.key} or (api_url = ${app.apiUrl} and app_id = ${app.appId})
  `.execute(tx);
  const twin = known.find((one) => one.here && one.same);
  if (twin !== undefined) return { kind: "app_known", key: twin.key };
  const holder = known.find((one) => one.key === app.key);
  if (holder !== undefined && (holder.here || holder.apiUrl !== app.apiUrl)) {
    return { kind: "key_taken" };
  }
  const { key, vcs, webUrl, apiUrl, appId, slug, name, createdBy } = app;
  await sql`
    insert into app (key, vcs, web_url, api_url, app_id, slug, name, owner, html_url, sealed_by,
      private_key, webhook_secrets, settings, revision, created_by)
    values (${key}, ${vcs}, ${webUrl}, ${apiUrl}, ${appId}, ${slug}, ${name}, ${app.owner ?? null},
      ${app.htmlUrl ?? null}, ${secrets.sealedBy}, ${secrets.privateKey}, ${secrets.webhookSecrets},
      ${JSON.stringify(app.settings)}::jsonb, nextval('app_revision'), ${createdBy})
    on conflict (key) do update set vcs = excluded.vcs, web_url = excluded.web_url,
      app_id = excluded.app_id, slug = excluded.slug, name = excluded.name,
      owner = excluded.owner, html_url = excluded.html_url, sealed_by = excluded.sealed_by,
      private_key = excluded.private_key, webhook_secrets = excluded.webhook_secrets,
      settings = excluded.settings, revision = excluded.revision, created_at = now(),
      created_by = excluded.created_by, removed_at = null
  `.execute(tx);
  return { kind: "added" };
}

interface AppRow {
  readonly key: string;
  readonly vcs: string;
  readonly web_url: string;
  readonly api_url: string;
  readonly app_id: string;
  readonly slug: string;
  readonly name: string;
  readonly owner: string | null;
  readonly html_url: string | null;
  readonly sealed_by: string;
  readonly private_key: Uint8Array;
  readonly webhook_secrets: Uint8Array;
  readonly settings: AppSettings;
  readonly revision: string;
  readonly created_at: Date;
  readonly created_by: string;
}

function appOf(row: AppRow): StoredApp {
  return {
    key: row.key,
    vcs: row.vcs,
    webUrl: row.web_url,
    apiUrl: row.api_url,
    appId: row.app_id,
    slug: row.slug,
    name: row.name,
    owner: row.owner ?? undefined,
    htmlUrl: row.html_url ?? undefined,
    settings: row.settings,
    createdBy: row.created_by,
    createdAt: row.created_at,
    revision: String(row.revision),
    secrets: {
      sealedBy: row.sealed_by,
      privateKey: row.private_key,
      webhookSecrets: row.webhook_secrets,
    },
  };
}
