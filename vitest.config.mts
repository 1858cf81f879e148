import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: "unit",
          include: ["test/{architecture,unit,golden,contract,sim}/**/*.test.ts"],
          environment: "node",
        },
      },
    ],
  },
});
