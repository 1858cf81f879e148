// CustomResourceDefinition against the recorded answers of a real server.
import type { CustomResourceDefinition } from "../../../shared/kinds/_generated/types.ts";
import { customResourceDefinitionKind } from "../../../shared/kinds/apiextensions/custom-resource-definition.ts";
import type { Kind } from "../../../shared/kinds/define-kind.ts";
import { describeKind } from "./fact-suite.ts";

/** The recorded updates are of definitions that the server has taken up. */
const established: Kind<CustomResourceDefinition> = {
  ...customResourceDefinitionKind,
  update: {
    prepare(next, stored, context) {
      (stored.status ??= {}).conditions = [{ type: "Established", status: "True" }];
      customResourceDefinitionKind.update.prepare(next, stored, context);
    },
    validate: customResourceDefinitionKind.update.validate,
  },
};
describeKind(established, {
  bases: ["customresourcedefinition", "customresourcedefinition-full"],
  // Schemas, and what selectable fields find in them, are not the kind's.
  elsewhere: /^\S+ spec\.\S*(?:openAPIV3Schema|electableFields|preserveUnknownFields)/,
});
