import type { MiddlewareHandler } from "hono";
import { routePath } from "hono/route";
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from "prom-client";

export interface Metrics {
  /** Counts and times every request by its route, never by its address: that would grow without bound. */
  readonly observe: MiddlewareHandler;
  /** Something that is read when somebody asks. */
  gauge(name: string, help: string, read: () => number | Promise<number>): void;
  /** The same with a label for each kind; kinds that are gone are no longer told. */
  gauges(
    name: string,
    help: string,
    label: string,
    read: () => Promise<Readonly<Record<string, number>>>,
  ): void;
  /** The same with several labels. */
  samples<L extends string>(
    name: string,
    help: string,
    labels: readonly L[],
    read: () => readonly Sample<L>[],
  ): void;
  /** Counts what happens in the background. */
  counter(name: string, help: string): { inc(by?: number): void };
  text(): Promise<{ readonly type: string; readonly text: string }>;
}

export interface Sample<L extends string> {
  readonly labels: Readonly<Record<L, string>>;
  readonly value: number;
}

const BUCKETS_SECONDS = [0.005, 0.02, 0.1, 0.5, 2, 10];

export function createMetrics(): Metrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry, prefix: "terrane_" });
  const requests = new Histogram({
    name: "terrane_http_request_seconds",
    help: "Time to the first byte of an answer",
    labelNames: ["method", "route", "status"],
    buckets: BUCKETS_SECONDS,
    registers: [registry],
  });
  return {
    async observe(context, next) {
      const began = performance.now();
      await next();
      const route = routePath(context, -1);
      const { method } = context.req;
      const { status } = context.res;
      requests.observe({ method, route, status }, (performance.now() - began) / 1_000);
    },
    gauge(name, help, read) {
      const gauge: Gauge = new Gauge({
        name: `terrane_${name}`,
        help,
        registers: [registry],
        async collect() {
          gauge.set(await read());
        },
      });
    },
    gauges(name, help, label, read) {
      const gauge: Gauge = new Gauge({
        name: `terrane_${name}`,
        help,
        labelNames: [label],
        registers: [registry],
        async collect() {
          const values = await read();
          gauge.reset();
          for (const [kind, value] of Object.entries(values)) gauge.set({ [label]: kind }, value);
        },
      });
    },
    samples(name, help, labels, read) {
      const gauge: Gauge = new Gauge({
        name: `terrane_${name}`,
        help,
        labelNames: [...labels],
        registers: [registry],
        collect() {
          gauge.reset();
          for (const one of read()) gauge.set(one.labels, one.value);
        },
      });
    },
    counter(name, help) {
      return new Counter({ name: `terrane_${name}`, help, registers: [registry] });
    },
    async text() {
      return { type: registry.contentType, text: await registry.metrics() };
    },
  };
}
