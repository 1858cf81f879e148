// Access reviews against the recorded answers of a real server.
import { describe, expect, it } from "vitest";
import { KINDS } from "../../../shared/kinds/index.ts";
import { subjectAccessReviewKind } from "../../../shared/kinds/authorization/subject-access-review.ts";
import { createMismatches } from "../../support/facts.ts";
import type { AnyKind } from "../../../shared/kinds/define-kind.ts";

describe("access reviews", () => {
  it("refuses what a real server refuses", () => {
    expect(createMismatches(subjectAccessReviewKind as unknown as AnyKind, ["subjectaccessreview", "subjectaccessreview-admin"])).toEqual([]);
  });
  it("are answered, never stored: exactly the kinds that can only be created, but bindings", () => {
    const createOnly = KINDS.filter(({ verbs, kind }) => verbs.every((verb) => verb === "create") && kind !== "Binding");
    expect(KINDS.filter(({ virtual }) => virtual).map(({ kind }) => kind)).toEqual(expect.arrayContaining(createOnly.map(({ kind }) => kind)));
  });
});
