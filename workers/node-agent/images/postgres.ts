// postgres: a long runner; like the real one it refuses to start without a password.
import { DEBIAN_WORDS, defineImage, PATH } from "./_parts/define-image.ts";

const REFUSAL =
  "Error: Database is uninitialized and superuser password is not specified.\n       You must specify POSTGRES_PASSWORD to a non-empty value for the superuser.\n";

export const postgres = defineImage({
  name: "postgres",
  repositories: ["postgres", "bitnami/postgresql", "pgvector/pgvector", "postgis/postgis"],
  tagWords: [...DEBIAN_WORDS, "pg"],
  sizeMiB: 151.4,
  entrypoint: ["docker-entrypoint.sh"],
  cmd: ["postgres"],
  env: { PATH: `${PATH}:/usr/lib/postgresql/18/bin`, PGDATA: "/var/lib/postgresql/18/docker" },
  servers: ["docker-entrypoint.sh", "postgres"],
  tools: ["psql", "pg_isready", "pg_dump"],
  server(view) {
    const line = (text: string): string => `${new Date(view.startedAt).toISOString().slice(0, 23).replace("T", " ")} UTC [1] LOG:  ${text}`;
    return {
      ports: [5432],
      startLines: [
        "starting PostgreSQL 18.1 on x86_64-pc-linux-gnu",
        'listening on IPv4 address "0.0.0.0", port 5432',
        "database system is ready to accept connections",
      ].map((text) => ({ afterMs: 0, stream: "stderr", text: line(text) }) as const),
      term: { afterMs: 0, code: 0, lines: [line("received smart shutdown request"), line("database system is shut down")] },
    };
  },
  tool(argv, view) {
    if (argv[0] === "pg_isready") return { code: 0, stdout: "/var/run/postgresql:5432 - accepting connections\n" };
    const starts = argv[0]?.endsWith("docker-entrypoint.sh") === true && (argv[1] ?? "postgres") === "postgres";
    const trusted =
      view.env.POSTGRES_PASSWORD || view.env.POSTGRES_PASSWORD_FILE || view.env.POSTGRES_HOST_AUTH_METHOD === "trust" || view.env.POSTGRESQL_PASSWORD;
    return starts && !trusted ? { code: 1, stdout: REFUSAL } : undefined;
  },
});
