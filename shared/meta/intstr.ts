// Values that are a number or a percentage (util.intstr.IntOrString).

export const isPercentValue = (value: unknown): value is string => typeof value === "string" && /^[0-9]+%$/.test(value);

/**
 * The number itself, or its share of `total`. A string that is no percentage counts as 0; validation refuses it before.
 * As upstream: apimachinery pkg/util/intstr GetScaledValueFromIntOrPercent.
 */
export function scaledValue(value: number | string, total: number, options: { readonly roundUp: boolean }): number {
  if (typeof value === "number") return value;
  if (!isPercentValue(value)) return 0;
  const share = (Number.parseInt(value, 10) * total) / 100;
  return options.roundUp ? Math.ceil(share) : Math.floor(share);
}

/** How it is printed: `5`, `25%`. */
export const intOrStringText = (value: number | string | undefined): string => (value === undefined ? "" : String(value));
