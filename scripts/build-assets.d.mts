// What scripts/build-assets.mjs offers to TypeScript.
export function buildAssets(): void;
