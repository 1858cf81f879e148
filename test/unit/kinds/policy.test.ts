// Kinds of groups policy and scheduling.k8s.io against the recorded answers of a real server.
import { podDisruptionBudgetKind } from "../../../shared/kinds/policy/pod-disruption-budget.ts";
import { priorityClassKind } from "../../../shared/kinds/scheduling/priority-class.ts";
import { describeKind } from "./fact-suite.ts";

describeKind(podDisruptionBudgetKind, { bases: ["poddisruptionbudget", "poddisruptionbudget-full", "poddisruptionbudget-empty"] });
describeKind(priorityClassKind, { bases: ["priorityclass", "priorityclass-full"] });
