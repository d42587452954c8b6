import type { DeliveryRecord } from "../github-double/deliveries.ts";
import type { GitHubDouble } from "../github-double/index.ts";
import { acknowledged, duplicateEffects, lostOf, withDatabase } from "./count.ts";
import type { Ledger } from "./ledger.ts";
import type { Load } from "./load.ts";

/** What is counted when all has come to rest. */
export interface Tally {
  /** Webhooks sent, redelivered ones included. */
  readonly sent: number;
  /** Different ones that were answered with a 2xx. */
  readonly acknowledged: number;
  /** Of those the ones that the database does not know at the end. */
  readonly lost: number;
  /** Comments, checks and reactions that are there twice, and attempts that two jobs were given. */
  readonly duplicateEffects: number;
  /** Applies beside each other on one dirspace, and plans applied a second time. */
  readonly doubleApplies: number;
  readonly applies: number;
  readonly pullRequests: number;
}

/** Says what it finds wrong one by one. */
export async function tally(all: {
  readonly double: GitHubDouble;
  readonly databaseUrl: string;
  readonly load: Load;
  readonly ledger: Ledger;
  readonly say: (text: string) => void;
}): Promise<Tally> {
  const { double, load, ledger } = all;
  const guids = acknowledged(double);
  const lost = await withDatabase(all.databaseUrl, (client) => lostOf(client, guids));
  const doubles = ledger.doubleApplies();
  const twice = duplicateEffects(double, load.repo, load.people.pulls, ledger);
  const nameOf = new Map(double.deliveries.log.map((one) => [one.guid, nameOfDelivery(one)]));
  const gone = lost.map((guid) => `lost: ${guid} ${nameOf.get(guid)}`);
  for (const one of [...doubles, ...twice, ...gone]) all.say(one);
  return {
    sent: double.deliveries.log.length,
    acknowledged: guids.size,
    lost: lost.length,
    duplicateEffects: twice.length,
    doubleApplies: doubles.length,
    applies: ledger.applies(),
    pullRequests: load.people.pulls.length,
  };
}

function nameOfDelivery({ event, action, responseBody }: DeliveryRecord): string {
  return `${event}.${action ?? ""} answered ${responseBody}`;
}
