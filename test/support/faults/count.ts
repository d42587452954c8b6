import { setTimeout as sleep } from "node:timers/promises";
import pg from "pg";
import type { GitHubDouble } from "../github-double/index.ts";
import { botComments, checksAt } from "../github-double/scene.ts";
import type { Pull, Repository } from "../github-double/world.ts";
import type { Ledger } from "./ledger.ts";

/** Deliveries that were answered with a 2xx, by GUID: those are ours to keep. */
export function acknowledged(double: GitHubDouble): ReadonlySet<string> {
  const ok = double.deliveries.log.filter((one) => one.statusCode >= 200 && one.statusCode < 300);
  return new Set(ok.map((one) => one.guid));
}

/** One delivery of each GUID that nobody has acknowledged, oldest first. */
export function unacknowledged(double: GitHubDouble): readonly number[] {
  const ok = acknowledged(double);
  const open = new Map<string, number>();
  for (const { guid, id } of double.deliveries.log) {
    if (!ok.has(guid) && !open.has(guid)) open.set(guid, id);
  }
  return [...open.values()];
}

/** A server that was killed a moment ago takes nobody until it has recovered, which is not what is asked for. */
const RECOVERY_MS_MAX = 60_000;
const RECOVERY_PAUSE_MS = 250;

async function connected(url: string): Promise<pg.Client> {
  const deadline = performance.now() + RECOVERY_MS_MAX;
  for (;;) {
    const client = new pg.Client({ connectionString: url });
    client.on("error", () => undefined);
    try {
      await client.connect();
      return client;
    } catch (error) {
      await client.end().catch(() => undefined);
      if (performance.now() > deadline) throw error;
      await sleep(RECOVERY_PAUSE_MS);
    }
  }
}

/** Asks the database itself, around everything that is tested. */
export async function withDatabase<T>(
  url: string,
  use: (client: pg.Client) => Promise<T>,
): Promise<T> {
  const client = await connected(url);
  try {
    return await use(client);
  } finally {
    await client.end();
  }
}

/** What still waits for somebody, in words; empty when all has come to rest. */
export async function unfinished(client: pg.Client): Promise<readonly string[]> {
  const { rows } = await client.query<{ what: string; n: string }>(`
    select 'events waiting' as what, count(*) as n from event where state = 'pending'
    union all select 'events set aside', count(*) from event where state = 'dead'
    union all select 'effects waiting', count(*) from outbox where done < wanted and not dead
    union all select 'runs active', count(*) from run where state <> 'ended'
  `);
  const left = rows.filter((row) => row.n !== "0").map((row) => `${row.n} ${row.what}`);
  return left.length === 0 ? [] : [...left, ...(await waitingEffects(client))];
}

/** Why some of them wait: whoever reads of it later has only these words. */
async function waitingEffects(client: pg.Client): Promise<readonly string[]> {
  const { rows } = await client.query<{ told: string }>(`
    select concat_ws(', ', outbox.key, 'done ' || done || ' of ' || wanted, 'attempts ' || outbox.attempts,
      'not before ' || not_before - now(), case when rests then 'rests' end, outbox.error,
      case when job.id is null then 'no job' else 'job due ' || job.run_at - now() end,
      'job attempts ' || job.attempts, 'locked by ' || job.locked_by || ' ' || (now() - job.locked_at), job.flags::text,
      'queue locked by ' || queue.locked_by || ' ' || (now() - queue.locked_at), job.last_error) as told
    from outbox
    left join graphile_worker._private_jobs job on job.key = 'perform:' || outbox.key
    left join graphile_worker._private_job_queues queue on queue.id = job.job_queue_id
    where done < wanted and not dead order by seq limit 5
  `);
  return rows.map(({ told }) => told);
}

/** Of these deliveries those that the database does not know. */
export async function lostOf(
  client: pg.Client,
  guids: ReadonlySet<string>,
): Promise<readonly string[]> {
  const { rows } = await client.query<{ guid: string }>(
    `select guid from unnest($1::text[]) as guid
     where not exists (select from delivery where source = 'github' and delivery_id = guid)
       and not exists (select from ignored_delivery where source = 'github' and delivery_id = guid)`,
    [[...guids]],
  );
  return rows.map((row) => row.guid);
}

/** What people see twice although it was wanted once, each in words. */
export function duplicateEffects(
  double: GitHubDouble,
  repo: Repository,
  pulls: readonly Pull[],
  ledger: Ledger,
): readonly string[] {
  const beyondOne = (what: string, many: number) =>
    Array.from({ length: Math.max(0, many - 1) }, () => `twice: ${what}`);
  const comments = pulls.flatMap((pull) =>
    beyondOne(`the comment of #${pull.number}`, botComments(double, pull).length),
  );
  const commits = new Set([...repo.checks.values()].map((check) => check.headSha));
  const checks = [...commits].flatMap((sha) => {
    const names = checksAt(repo, sha).map((check) => check.name);
    return [...new Set(names)].flatMap((name) =>
      beyondOne(`the check ${name} of ${sha}`, names.filter((one) => one === name).length),
    );
  });
  const reactions = [...repo.comments.values()].flatMap((comment) => {
    const own = comment.reactions.filter((one) => one.author === double.world.app.bot);
    return beyondOne(`the reaction to comment ${comment.id}`, own.length);
  });
  const claims = beyondOne("the claim of a job", ledger.doubleClaims() + 1);
  return [...comments, ...checks, ...reactions, ...claims];
}
