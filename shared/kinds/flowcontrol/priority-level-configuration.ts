// PriorityLevelConfiguration of flowcontrol.apiserver.k8s.io/v1. As upstream: pkg/apis/flowcontrol/validation/validation.go.
import { type FieldError, forbidden, invalid, notSupported, required } from "../../errors/field-error.ts";
import { nameIsDNSSubdomain } from "../../meta/names.ts";
import type {
  ExemptPriorityLevelConfiguration,
  LimitResponse,
  LimitedPriorityLevelConfiguration,
  PriorityLevelConfiguration,
  PriorityLevelConfigurationSpec,
  QueuingConfiguration,
} from "../_generated/types.ts";
import { AGE, NAME, ageCell, nameCell, text } from "../_workload/columns.ts";
import { validateConditionTypes } from "../_workload/flow-conditions.ts";
import { defineKind, statusStrategy } from "../define-kind.ts";

const QUEUES_MAX = 10_000_000;
/** Bits of hash that shuffle sharding can spend (apiserver pkg/util/shufflesharding). */
const HASH_BITS = 60;

function defaults(object: PriorityLevelConfiguration): void {
  const spec = (object.spec ??= {});
  spec.type ??= "";
  if (spec.exempt) {
    spec.exempt.nominalConcurrencyShares ??= 0;
    spec.exempt.lendablePercent ??= 0;
  }
  if (!spec.limited) return;
  spec.limited.nominalConcurrencyShares ??= 30;
  spec.limited.lendablePercent ??= 0;
  const response = (spec.limited.limitResponse ??= {});
  response.type ??= "";
  if (!response.queuing) return;
  response.queuing.handSize ||= 8;
  response.queuing.queues ||= 64;
  response.queuing.queueLengthLimit ||= 50;
}

/** How many bits it takes to deal a hand from a deck. */
const entropyBits = (deck: number, hand: number): number =>
  Math.ceil(Array.from({ length: hand }, (_, dealt) => Math.log2(deck - dealt)).reduce((sum, bits) => sum + bits, 0));

function validateQueuing({ queueLengthLimit = 0, queues = 0, handSize = 0 }: QueuingConfiguration, field: string): FieldError[] {
  const errors: FieldError[] = [];
  if (queueLengthLimit <= 0) errors.push(invalid(`${field}.queueLengthLimit`, queueLengthLimit, "must be positive"));
  if (queues <= 0) errors.push(invalid(`${field}.queues`, queues, "must be positive"));
  else if (queues > QUEUES_MAX) errors.push(invalid(`${field}.queues`, queues, `must not be greater than ${QUEUES_MAX}`));
  const path = `${field}.handSize`;
  if (handSize <= 0) errors.push(invalid(path, handSize, "must be positive"));
  else if (handSize > queues) errors.push(invalid(path, handSize, `should not be greater than queues (${queues})`));
  else if (handSize > HASH_BITS || entropyBits(queues, handSize) > HASH_BITS) {
    errors.push(invalid(path, handSize, `required entropy bits of deckSize ${queues} and handSize ${handSize} should not be greater than ${HASH_BITS}`));
  }
  return errors;
}
function validateResponse({ type = "", queuing }: LimitResponse, field: string): FieldError[] {
  if (type === "") return [required(`${field}.type`)];
  if (type === "Reject") return queuing ? [forbidden(`${field}.queuing`, "must be nil if limited.limitResponse.type is not Limited")] : [];
  if (type !== "Queue") return [notSupported(`${field}.type`, type, ["Queue", "Reject"])];
  if (!queuing) return [required(`${field}.queuing`, "must not be empty if limited.limitResponse.type is Limited")];
  return validateQueuing(queuing, `${field}.queuing`);
}
function validateShares(level: ExemptPriorityLevelConfiguration | LimitedPriorityLevelConfiguration, field: string): FieldError[] {
  const shares = level.nominalConcurrencyShares ?? 0;
  return shares < 0 ? [invalid(`${field}.nominalConcurrencyShares`, shares, "must be a non-negative integer")] : [];
}
function validateLendable(level: ExemptPriorityLevelConfiguration | LimitedPriorityLevelConfiguration, field: string): FieldError[] {
  const lendable = level.lendablePercent ?? 0;
  return lendable < 0 || lendable > 100 ? [invalid(`${field}.lendablePercent`, lendable, "must be between 0 and 100, inclusive")] : [];
}
function validateLimited(level: LimitedPriorityLevelConfiguration, field: string): FieldError[] {
  const borrowing = level.borrowingLimitPercent ?? 0;
  return [
    ...validateShares(level, field),
    ...validateResponse(level.limitResponse ?? {}, `${field}.limitResponse`),
    ...validateLendable(level, field),
    ...(borrowing < 0 ? [invalid(`${field}.borrowingLimitPercent`, borrowing, "if specified, must be a non-negative integer")] : []),
  ];
}
function validateSpec(spec: PriorityLevelConfigurationSpec, name: string): FieldError[] {
  const { type = "", limited, exempt } = spec;
  const errors = (name === "exempt") === (type === "Exempt") ? [] : [invalid("spec.type", type, "must be 'Exempt' if and only if `name` is 'exempt'")];
  if (type === "Exempt") {
    if (limited) errors.push(forbidden("spec.limited", "must be nil if the type is not Limited"));
    if (exempt) errors.push(...validateShares(exempt, "spec.exempt"), ...validateLendable(exempt, "spec.exempt"));
  } else if (type === "Limited") {
    if (exempt) errors.push(forbidden("spec.exempt", "must be nil if the type is Limited"));
    if (limited) errors.push(...validateLimited(limited, "spec.limited"));
    else errors.push(required("spec.limited", "must not be empty when type is Limited"));
  } else if (type === "") errors.push(required("spec.type"));
  else errors.push(notSupported("spec.type", type, ["Exempt", "Limited"]));
  return errors;
}

export const priorityLevelConfigurationKind = defineKind<PriorityLevelConfiguration>("flowcontrol.apiserver.k8s.io/v1/prioritylevelconfigurations", {
  generation: true,
  nameRule: nameIsDNSSubdomain,
  defaults,
  prepareForCreate(object) {
    object.status = {};
  },
  validate: (object) => validateSpec(object.spec ?? {}, object.metadata?.name ?? ""),
  subresources: { status: statusStrategy((next) => validateConditionTypes(next.status?.conditions)) },
  table: {
    columns: [NAME, ...["Type", "NominalConcurrencyShares", "Queues", "HandSize", "QueueLengthLimit"].map(text), AGE],
    row(object, now) {
      const queuing = object.spec?.limited?.limitResponse?.queuing;
      return [
        nameCell(object),
        object.spec?.type ?? "",
        object.spec?.limited?.nominalConcurrencyShares ?? "<none>",
        queuing?.queues ?? "<none>",
        queuing?.handSize ?? "<none>",
        queuing?.queueLengthLimit ?? "<none>",
        ageCell(object, now),
      ];
    },
  },
});
