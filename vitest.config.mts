// Four suites over one tree; each runs alone with `npm run test:NAME`.
import { cloudflareTest } from "@cloudflare/vitest-plugin";
import { defineConfig } from "vitest/config";

/** A suite of real servers: one file at a time, so that two cores are enough. */
const servers = (name: string) => ({
  test: { name, include: [`test/${name}/**/*.test.ts`], environment: "node", fileParallelism: false, testTimeout: 120_000, hookTimeout: 120_000 },
});

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: "unit",
          include: ["test/{architecture,unit,golden,contract,sim}/**/*.test.ts"],
          environment: "node",
          setupFiles: ["test/unit/_stored-objects.ts"],
        },
      },
      {
        plugins: [
          cloudflareTest({
            wrangler: { configPath: "./wrangler.toml" },
            miniflare: { bindings: { ADMIN_TOKEN: "workerd-test-token" } },
          }),
        ],
        test: { name: "workerd", include: ["test/workerd/**/*.test.ts"], maxWorkers: 1, testTimeout: 30_000 },
      },
      servers("e2e"),
      servers("crash"),
    ],
  },
});
