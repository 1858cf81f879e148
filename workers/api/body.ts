// The body of a request: read within the limit, then decoded from JSON, YAML or protobuf into a checked object.
import { bodyType } from "../../shared/api/negotiate.ts";
import { REQUEST_BODY_BYTES_MAX } from "../../shared/base/limits.ts";
import { err, type Result } from "../../shared/base/result.ts";
import { badRequest, tooLarge, type Status } from "../../shared/errors/status.ts";
import { decodeProtobuf } from "../../shared/protobuf/decode.ts";
import { decodeBody, type Decoded, type Expected, type FieldValidation } from "../../shared/schema/decode.ts";

export const bodyTooLarge = (): Status => tooLarge(`Request entity too large: limit is ${REQUEST_BODY_BYTES_MAX}`);

/** Reads a body of at most the limit; undefined: it is larger. */
export async function readBody(request: Request): Promise<Uint8Array | undefined> {
  const declared = Number(request.headers.get("content-length") ?? "0");
  if (declared > REQUEST_BODY_BYTES_MAX) return undefined;
  const bytes = new Uint8Array(await request.arrayBuffer());
  return bytes.length > REQUEST_BODY_BYTES_MAX ? undefined : bytes;
}

/** Decodes bytes that came under a Content-Type. */
export function decodeAs(bytes: Uint8Array, contentType: string | null, expected: Expected, validation: FieldValidation): Result<Decoded, Status> {
  const type = bodyType(contentType);
  if (!type.ok) return type;
  if (type.value !== "protobuf") return decodeBody(bytes, type.value, expected, validation);
  if (expected.schema === undefined) return err(badRequest("protobuf is no form of a custom resource"));
  const decoded = decodeProtobuf(bytes, expected.schema);
  if (!decoded.ok) return err(badRequest(`the object provided is unrecognized (must be of type ${expected.kind}): ${decoded.error}`));
  // The same checks as for JSON: types are right by construction, kind and version may not be.
  return decodeBody(JSON.stringify(decoded.value), "json", expected, "Ignore");
}

export async function readObject(request: Request, expected: Expected, validation: FieldValidation): Promise<Result<Decoded, Status>> {
  const type = bodyType(request.headers.get("content-type"));
  if (!type.ok) return type;
  const bytes = await readBody(request);
  if (!bytes) return err(bodyTooLarge());
  return decodeAs(bytes, request.headers.get("content-type"), expected, validation);
}
