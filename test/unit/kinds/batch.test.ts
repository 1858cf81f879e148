// Kinds of group batch against the recorded answers of a real server.
import { cronJobKind } from "../../../shared/kinds/batch/cron-job.ts";
import { jobKind } from "../../../shared/kinds/batch/job.ts";
import type { Job } from "../../../shared/kinds/_generated/types.ts";
import type { Kind, KubeObject } from "../../../shared/kinds/define-kind.ts";
import { describeKind } from "./fact-suite.ts";

const UID = "11111111-2222-4333-8444-555555555555";
/** The recorded answers show every uid as this text; labels and selectors of a Job repeat its uid. */
const SHOWN = "<uid>";
const swap = <T>(value: T, from: string, to: string): T => JSON.parse(JSON.stringify(value).replaceAll(from, to)) as T;
const withUid =
  (uid: string) =>
  (object: KubeObject): void => {
    (object.metadata ??= {}).uid = uid;
  };
const sameUid: Kind<Job> = {
  ...jobKind,
  validate: (object, context) => swap(jobKind.validate(object, context), UID, SHOWN),
  update: {
    prepare(next, stored, context) {
      Object.assign(next, swap(next, SHOWN, UID));
      withUid(UID)(stored);
      withUid(UID)(next);
      jobKind.update.prepare(next, stored, context);
    },
    validate: (next, stored, context) => swap(jobKind.update.validate(next, stored, context), UID, SHOWN),
  },
};
const BASES = ["job", "job-full", "job-indexed", "job-managedby", "job-manualselector", "job-workqueue"];
describeKind(sameUid, { bases: BASES, admit: withUid(UID), defaultingAdmit: withUid(SHOWN) });
describeKind(cronJobKind, { bases: ["cronjob", "cronjob-full"] });
