// mysql and mariadb: long runners on port 3306.
import { longRunner } from "./_parts/database.ts";

export const mysql = longRunner({
  name: "mysql",
  repositories: ["mysql", "mariadb", "bitnami/mysql", "bitnami/mariadb", "percona"],
  ports: [3306],
  command: "mysqld",
  sizeMiB: 238,
  says: "mysqld: ready for connections. Socket: '/var/run/mysqld/mysqld.sock'  port: 3306",
  tagWords: ["oracle", "oraclelinux9", "noble", "jammy", "ubi", "innovation"],
});
