// CertificateSigningRequest of certificates.k8s.io/v1.
import type { CertificateSigningRequest } from "../_generated/types.ts";
import { defineKind } from "../define-kind.ts";

export const certificateSigningRequestKind = defineKind<CertificateSigningRequest>("certificates.k8s.io/v1/certificatesigningrequests", {});
