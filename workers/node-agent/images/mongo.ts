// mongo: a long runner on port 27017.
import { longRunner } from "./_parts/database.ts";

export const mongo = longRunner({
  name: "mongo",
  repositories: ["mongo", "bitnami/mongodb"],
  ports: [27017],
  command: "mongod",
  sizeMiB: 294,
  says: '{"s":"I","c":"NETWORK","id":23016,"ctx":"listener","msg":"Waiting for connections","attr":{"port":27017,"ssl":"off"}}',
  tagWords: ["noble", "jammy", "focal"],
});
