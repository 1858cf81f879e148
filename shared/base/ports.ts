// The only ways in for time and chance: the pure core asks for them, shells and tests provide them.

declare const brand: unique symbol;
/** Milliseconds since 1970 on the cluster's clock. */
export type EpochMs = number & { readonly [brand]?: "EpochMs" };
export type Uid = string & { readonly [brand]?: "Uid" };

export interface Ports {
  /** The cluster's time, in milliseconds since 1970. */
  now(): EpochMs;
  /** A new random UUID, version 4. */
  uid(): Uid;
  /** A random integer in [0, below). */
  dice(below: number): number;
}
