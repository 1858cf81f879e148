// Kinds of group batch against the recorded answers of a real server.
import { cronJobKind } from "../../../shared/kinds/batch/cron-job.ts";
import { jobKind } from "../../../shared/kinds/batch/job.ts";
import type { Job } from "../../../shared/kinds/_generated/types.ts";
import type { Kind, KubeObject } from "../../../shared/kinds/define-kind.ts";
import { describeKind } from "./fact-suite.ts";

/** The recorded answers show every uid as this text; labels and selectors of a Job repeat its uid. */
const withUid = (object: KubeObject): void => {
  (object.metadata ??= {}).uid = "<uid>";
};
const sameUid: Kind<Job> = {
  ...jobKind,
  update: {
    prepare(next, stored, context) {
      withUid(stored);
      withUid(next);
      jobKind.update.prepare(next, stored, context);
    },
    validate: jobKind.update.validate,
  },
};
describeKind(sameUid, {
  bases: ["job", "job-full", "job-indexed", "job-managedby", "job-manualselector", "job-workqueue"],
  admit: withUid,
});
describeKind(cronJobKind, { bases: ["cronjob", "cronjob-full"] });
