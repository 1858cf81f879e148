// What scripts/tools.mjs offers to TypeScript.
export const VERSION: string;
export const FOLDER: string;
export type Tool = { readonly path: string; readonly skipped?: undefined } | { readonly path?: undefined; readonly skipped: string };
export function findTool(name: "kubectl" | "ginkgo" | "e2e.test", options?: { readonly build?: boolean }): Tool;
