// Everything about names in one place: what they must look like (name-checks.ts) and whole domains (domains.ts).
export * from "./name-checks.ts";
export * from "./domains.ts";
