// What Cloudflare charges on its paid plan, beyond what the plan includes: public prices, in one place.

export interface Price {
  readonly what: string;
  /** Of a million units. */
  readonly dollars: number;
  /** Units a month that cost nothing further. */
  readonly included: number;
}
export const PRICES = {
  requests: { what: "Durable Object requests (calls, alarms, 20 incoming WebSocket messages each)", dollars: 0.15, included: 1_000_000 },
  gigabyteSeconds: { what: "Durable Object duration, GB-s", dollars: 12.5, included: 400_000 },
  rowsRead: { what: "SQLite rows read", dollars: 0.001, included: 25_000_000_000 },
  rowsWritten: { what: "SQLite rows written", dollars: 1, included: 50_000_000 },
  workerRequests: { what: "Worker requests", dollars: 0.3, included: 10_000_000 },
  cpuMs: { what: "Worker CPU, ms (at most: the whole local process)", dollars: 0.02, included: 30_000_000 },
} satisfies Readonly<Record<string, Price>>;
export type Bill = Readonly<Record<keyof typeof PRICES, number>>;
/** Incoming WebSocket messages that are billed as one request. */
export const MESSAGES_PER_REQUEST = 20;

/** Dollars for so many units of each, as if nothing were included. */
export const priceOf = (bill: Bill): number =>
  (Object.keys(PRICES) as (keyof Bill)[]).reduce((sum, unit) => sum + (bill[unit] * PRICES[unit].dollars) / 1_000_000, 0);
