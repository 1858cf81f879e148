// Quantities of resource lists, with what was once parsed remembered: a cluster uses few different ones.
import { canonicalQuantity, milliValue, quantityValue } from "../../meta/quantity.ts";

export type QuantityJson = string | number;
export type ResourceList = Record<string, QuantityJson>;
const REMEMBERED_MAX = 2000;
const REMEMBERED_LENGTH_MAX = 32;

function remembered<T>(compute: (value: QuantityJson) => T): (value: QuantityJson) => T {
  const known = new Map<QuantityJson, T>();
  return (value) => {
    const found = known.get(value);
    if (found !== undefined) return found;
    const result = compute(value);
    if (typeof value === "string" && value.length > REMEMBERED_LENGTH_MAX) return result;
    if (known.size >= REMEMBERED_MAX) known.clear();
    known.set(value, result);
    return result;
  };
}
/** What a list says of a resource; names such as `toString` are not looked up where every object has them. */
export const amountOf = (list: ResourceList | undefined, name: string): QuantityJson | undefined =>
  list !== undefined && Object.hasOwn(list, name) ? list[name] : undefined;

/** How Go prints a quantity; what is no quantity stays as it is. */
export const canonical: (value: QuantityJson) => string = remembered((value) => canonicalQuantity(value) ?? String(value));
/** Thousandths, rounded up; as a number, so exact up to 9 * 10^15. */
export const milli: (value: QuantityJson) => number = remembered((value) => Number(milliValue(value)));
/** Whole units, rounded up. */
export const whole: (value: QuantityJson) => number = remembered((value) => Number(quantityValue(value)));

const FINER_THAN_MILLI = /[un]$/;
const storedForm: (value: QuantityJson) => string = remembered((value) => {
  const text = canonical(value);
  return FINER_THAN_MILLI.test(text) ? canonical(`${milliValue(value)}m`) : text;
});
/** As upstream SetDefaults_ResourceList: canonical, nothing finer than a thousandth. Mutates. */
export function roundResourceList(list: ResourceList | undefined): void {
  if (list === undefined) return;
  for (const name in list) {
    const value = list[name];
    if (value !== undefined) list[name] = storedForm(value);
  }
}
