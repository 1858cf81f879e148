import { podTemplateKind } from "../../../shared/kinds/core/pod-template.ts";
import { describeKind } from "./fact-suite.ts";

describeKind(podTemplateKind, { bases: ["podtemplate"] });
