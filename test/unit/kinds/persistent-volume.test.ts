// PersistentVolume and PersistentVolumeClaim against the recorded answers of a real server.
import { describe, expect, it } from "vitest";
import { persistentVolumeClaimKind } from "../../../shared/kinds/core/persistent-volume-claim.ts";
import { persistentVolumeKind } from "../../../shared/kinds/core/persistent-volume.ts";
import { testContext } from "../../support/facts.ts";
import type { PersistentVolume, PersistentVolumeClaim, PersistentVolumeClaimSpec } from "../../../shared/kinds/_generated/types.ts";
import { cloneJson } from "../../../shared/base/json.ts";
import type { KubeObject } from "../../../shared/kinds/define-kind.ts";
import { canonicalLists, maskedDefaulting } from "./core-support.ts";
import { describeKind } from "./fact-suite.ts";

/** The admission plugin StorageObjectInUseProtection, and what decoding does to quantities. */
const admitted =
  (finalizer: string) =>
  (object: KubeObject): void => {
    (object.metadata ??= {}).finalizers = [finalizer];
    canonicalLists(object, ["capacity", "requests", "limits"]);
  };
const protectVolume = admitted("kubernetes.io/pv-protection");
const protectClaim = admitted("kubernetes.io/pvc-protection");
const VOLUMES = ["persistentvolume", "persistentvolume-full", "persistentvolume-local", "persistentvolume-iscsi"];

describeKind(persistentVolumeKind, { bases: VOLUMES, admit: protectVolume, gaps: VOLUMES.map((id) => `defaulting/${id}`) });
describeKind(persistentVolumeClaimKind, {
  bases: ["persistentvolumeclaim", "persistentvolumeclaim-full", "persistentvolumeclaim-datasource"],
  admit: protectClaim,
});

describe("PersistentVolume", () => {
  it("fills in defaults as recorded", () => expect(maskedDefaulting(persistentVolumeKind, VOLUMES, { admit: protectVolume })).toEqual([]));
  it("notes when its phase changes", () => {
    const stored: PersistentVolume = { status: { phase: "Pending", lastPhaseTransitionTime: "2026-01-01T00:00:00Z" } };
    const write = (phase: string): PersistentVolume => {
      const next: PersistentVolume = { status: { phase, lastPhaseTransitionTime: "2026-01-01T00:00:00Z" } };
      persistentVolumeKind.subresources.status?.prepare(next, stored, testContext);
      return next;
    };
    expect(write("Pending").status?.lastPhaseTransitionTime).toBe("2026-01-01T00:00:00Z");
    expect(write("Bound").status?.lastPhaseTransitionTime).toBe("2026-11-21T03:00:00Z");
  });
});

describe("PersistentVolumeClaim", () => {
  const claim = (spec: PersistentVolumeClaimSpec, phase = "Bound"): PersistentVolumeClaim => ({
    spec: { accessModes: ["ReadWriteOnce"], resources: { requests: { storage: "1Gi" } }, volumeMode: "Filesystem", volumeName: "v", ...spec },
    status: { phase, capacity: { storage: "1Gi" } },
  });
  const fields = (next: PersistentVolumeClaim, stored: PersistentVolumeClaim): string[] =>
    persistentVolumeClaimKind.update.validate(next, cloneJson(stored), testContext).map((error) => error.field);
  const size = (storage: string): PersistentVolumeClaimSpec => ({ resources: { requests: { storage } } });
  it("grows while bound, never shrinks", () => {
    expect(fields(claim(size("2Gi")), claim({}))).toEqual([]);
    expect(fields(claim(size("512Mi")), claim({}))).toEqual(["spec.resources.requests.storage"]);
    expect(fields(claim(size("2Gi"), "Pending"), claim({}, "Pending"))).toEqual(["spec"]);
  });
  it("gets its class once", () => {
    expect(fields(claim({ storageClassName: "a" }), claim({}))).toEqual([]);
    expect(fields(claim({ storageClassName: "b" }), claim({ storageClassName: "a" }))).toEqual(["spec"]);
  });
  it("shows the difference as a real server does", () => {
    const [error] = persistentVolumeClaimKind.update.validate(claim({ volumeName: "other" }), claim({}), testContext);
    expect(error?.message).toBe(
      "Forbidden: spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims\n" +
        '@@ -9,7 +9,7 @@\n    "storage": "1Gi"\n   }\n  },\n- "VolumeName": "v",\n+ "VolumeName": "other",\n' +
        '  "StorageClassName": null,\n  "VolumeMode": "Filesystem",\n  "DataSource": null,\n',
    );
  });
});
