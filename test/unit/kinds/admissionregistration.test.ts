// Kinds of group admissionregistration.k8s.io against the recorded answers of a real server.
import { mutatingAdmissionPolicyBindingKind } from "../../../shared/kinds/admissionregistration/mutating-admission-policy-binding.ts";
import { mutatingAdmissionPolicyKind } from "../../../shared/kinds/admissionregistration/mutating-admission-policy.ts";
import { mutatingWebhookConfigurationKind } from "../../../shared/kinds/admissionregistration/mutating-webhook-configuration.ts";
import { validatingAdmissionPolicyBindingKind } from "../../../shared/kinds/admissionregistration/validating-admission-policy-binding.ts";
import { validatingAdmissionPolicyKind } from "../../../shared/kinds/admissionregistration/validating-admission-policy.ts";
import { validatingWebhookConfigurationKind } from "../../../shared/kinds/admissionregistration/validating-webhook-configuration.ts";
import { describeKind } from "./fact-suite.ts";

/** Expressions are compiled by the CEL engine, not by the kinds. */
const elsewhere = /compilation failed|must evaluate to/;
describeKind(validatingWebhookConfigurationKind, { bases: ["validatingwebhookconfiguration", "validatingwebhookconfiguration-full"], elsewhere });
describeKind(mutatingWebhookConfigurationKind, { bases: ["mutatingwebhookconfiguration"], elsewhere });
describeKind(validatingAdmissionPolicyKind, { bases: ["validatingadmissionpolicy", "validatingadmissionpolicy-full"], elsewhere });
describeKind(validatingAdmissionPolicyBindingKind, { bases: ["validatingadmissionpolicybinding", "validatingadmissionpolicybinding-full"] });
describeKind(mutatingAdmissionPolicyKind, { bases: ["mutatingadmissionpolicy"], elsewhere });
describeKind(mutatingAdmissionPolicyBindingKind, { bases: ["mutatingadmissionpolicybinding"] });
