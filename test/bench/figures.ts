// Gathers times and prints figures: one line for each load, `name key=value ...`.

export type Figures = Readonly<Record<string, number | string>>;

/** Milliseconds, gathered one by one. */
export class Times {
  readonly #ms: number[] = [];

  add(ms: number): void {
    this.#ms.push(ms);
  }

  figures(): { readonly p50_ms: number; readonly p90_ms: number; readonly p99_ms: number; readonly max_ms: number } {
    const sorted = Float64Array.from(this.#ms).sort();
    const quantile = (share: number): number => round(sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? 0, 2);
    return { p50_ms: quantile(0.5), p90_ms: quantile(0.9), p99_ms: quantile(0.99), max_ms: quantile(1) };
  }
}

export const round = (value: number, digits: number): number => Number(value.toFixed(digits));
export const perSecond = (count: number, ms: number): number => round((count / ms) * 1000, count / ms < 0.1 ? 1 : 0);

export const line = (name: string, figures: Figures): string => [name, ...Object.entries(figures).map(([key, value]) => `${key}=${value}`)].join(" ");

/** Three digits that say something, thousands in groups. */
export function figure(value: number | undefined, unit: string): string {
  if (value === undefined) return "";
  const digits = value === 0 ? 0 : Math.max(0, 2 - Math.floor(Math.log10(Math.abs(value))));
  const text = value.toLocaleString("en-US", { maximumFractionDigits: Math.min(digits, 3) });
  return unit === "" ? text : unit === "/s" || unit === "%" ? `${text}${unit}` : `${text} ${unit}`;
}
