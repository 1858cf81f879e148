// Kinds of group networking.k8s.io against the recorded answers of a real server.
import { ingressClassKind } from "../../../shared/kinds/networking/ingress-class.ts";
import { ingressKind } from "../../../shared/kinds/networking/ingress.ts";
import { ipAddressKind } from "../../../shared/kinds/networking/ip-address.ts";
import { networkPolicyKind } from "../../../shared/kinds/networking/network-policy.ts";
import { serviceCIDRKind } from "../../../shared/kinds/networking/service-cidr.ts";
import { describeKind } from "./fact-suite.ts";

describeKind(ingressKind, { bases: ["ingress", "ingress-full"] });
describeKind(ingressClassKind, { bases: ["ingressclass", "ingressclass-full"] });
describeKind(networkPolicyKind, { bases: ["networkpolicy", "networkpolicy-full", "networkpolicy-egress"] });
describeKind(ipAddressKind, { bases: ["ipaddress"] });
describeKind(serviceCIDRKind, { bases: ["servicecidr"] });
