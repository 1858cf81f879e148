// Kinds of group resource.k8s.io against the recorded answers of a real server.
import { deviceClassKind } from "../../../shared/kinds/resource/device-class.ts";
import { resourceClaimTemplateKind } from "../../../shared/kinds/resource/resource-claim-template.ts";
import { resourceClaimKind } from "../../../shared/kinds/resource/resource-claim.ts";
import { resourceSliceKind } from "../../../shared/kinds/resource/resource-slice.ts";
import { describeKind } from "./fact-suite.ts";

/** Expressions are compiled by the CEL engine, not by the kinds. */
const elsewhere = /compilation failed|must evaluate to/;
describeKind(resourceClaimKind, { bases: ["resourceclaim", "resourceclaim-empty", "resourceclaim-full"], elsewhere });
describeKind(resourceClaimTemplateKind, { bases: ["resourceclaimtemplate"], elsewhere });
describeKind(deviceClassKind, { bases: ["deviceclass", "deviceclass-full"], elsewhere });
describeKind(resourceSliceKind, { bases: ["resourceslice"], unevenSamples: ["resourceslice"] });
