import type { PlanCost } from "../contract/work.ts";
import { object, text } from "./plan-json.ts";

export interface Estimate {
  readonly kind: "ok";
  readonly cost: PlanCost;
  readonly text: string;
}

const RANGES_DIFFER = 0.005;

/** What `infracost breakdown --format json` says of one plan: both sides of the change, as decimal text. */
export function infracostEstimate(json: string, currency: string): Estimate | undefined {
  const document = object(parsed(json));
  const after = amount(document["totalMonthlyCost"]);
  if (after === undefined) return undefined;
  const difference = amount(document["diffTotalMonthlyCost"]);
  const before = amount(document["pastTotalMonthlyCost"]) ?? after - (difference ?? after);
  const said = text(document["currency"]);
  return estimate(said === "" ? currency : said, before, after, difference ?? after - before);
}

/** What `oiq price --format json` says: ranges, of which the upper end is what is told. */
export function openInfraQuoteEstimate(json: string): Estimate | undefined {
  const document = object(parsed(json));
  const before = object(document["prev_price"]);
  const after = object(document["price"]);
  const difference = object(document["price_diff"]);
  const highest = [before, after, difference].map((range) => amount(range["max"]));
  const [from, to, between] = highest;
  if (from === undefined || to === undefined) return undefined;
  const found = estimate("USD", from, to, between ?? to - from);
  const low = amount(after["min"]);
  if (found === undefined || low === undefined || Math.abs(to - low) < RANGES_DIFFER) return found;
  return { ...found, text: `${found.text}\nThe estimate is a range, from ${low.toFixed(2)}.` };
}

function estimate(
  currency: string,
  before: number,
  after: number,
  difference: number,
): Estimate | undefined {
  if (currency.length > 10) return undefined;
  const sign = difference < 0 ? "−" : "+";
  const change = `${sign}${Math.abs(difference).toFixed(2)}`;
  return {
    kind: "ok",
    cost: {
      currency,
      monthlyBefore: cents(before),
      monthlyAfter: cents(after),
      monthlyDifference: cents(difference),
    },
    text: `Monthly cost in ${currency}: ${before.toFixed(2)} before, ${after.toFixed(2)} after (${change}).`,
  };
}

function amount(value: unknown): number | undefined {
  if (typeof value !== "number" && (typeof value !== "string" || value.trim() === "")) {
    return undefined;
  }
  const number = Number(value);
  return Number.isFinite(number) ? number : undefined;
}

function cents(value: number): number {
  return Math.round(value * 100) / 100;
}

function parsed(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
}
