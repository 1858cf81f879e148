// Kinds of groups certificates, flowcontrol, node and apiregistration against the recorded answers of a real server.
import { apiServiceKind } from "../../../shared/kinds/apiregistration/api-service.ts";
import { certificateSigningRequestKind } from "../../../shared/kinds/certificates/certificate-signing-request.ts";
import type { CertificateSigningRequest } from "../../../shared/kinds/_generated/types.ts";
import type { KubeObject } from "../../../shared/kinds/define-kind.ts";
import { flowSchemaKind } from "../../../shared/kinds/flowcontrol/flow-schema.ts";
import { priorityLevelConfigurationKind } from "../../../shared/kinds/flowcontrol/priority-level-configuration.ts";
import { runtimeClassKind } from "../../../shared/kinds/node/runtime-class.ts";
import { describeKind } from "./fact-suite.ts";

/** The recorded requests are masked. */
const unmask = (object: KubeObject): void => {
  const { spec } = object as CertificateSigningRequest;
  if (spec?.request === "$CSR") spec.request = btoa("-----BEGIN CERTIFICATE REQUEST-----\n-----END CERTIFICATE REQUEST-----\n");
};
describeKind(certificateSigningRequestKind, {
  bases: ["certificatesigningrequest", "certificatesigningrequest-full"],
  admit: unmask,
  // Who asks is masked, too.
  gaps: ["defaulting/certificatesigningrequest", "defaulting/certificatesigningrequest-full"],
});
describeKind(flowSchemaKind, { bases: ["flowschema", "flowschema-full"] });
describeKind(priorityLevelConfigurationKind, {
  bases: ["prioritylevelconfiguration", "prioritylevelconfiguration-full", "prioritylevelconfiguration-exempt"],
});
describeKind(runtimeClassKind, { bases: ["runtimeclass", "runtimeclass-full"] });
describeKind(apiServiceKind, { bases: ["apiservice"] });
