// Validation of the keys that a volume takes from a config map or secret, and what volumes may keep from before.
import type { KeyToPath } from "../_generated/types.ts";
import { checkFileMode, checkLocalPath, checkRequired, type Errors } from "./check.ts";

export interface VolumeRules {
  /** The spec is that of a Pod, not of a template. */
  readonly isPod: boolean;
  /** Name of the Pod, which names the claims made for it; "" in templates and while it is to be generated. */
  readonly podName: string;
  /** Token paths that leave the volume are kept where a stored pod has such. */
  readonly nonLocalTokenPath: boolean;
}
export function checkKeyToPath(errors: Errors, field: string, { key, path = "", mode }: KeyToPath): void {
  checkRequired(errors, `${field}.key`, key);
  checkRequired(errors, `${field}.path`, path);
  checkLocalPath(errors, `${field}.path`, path);
  checkFileMode(errors, `${field}.mode`, mode);
}
