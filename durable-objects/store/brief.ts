// The answer to a write whose sender only wants to know how it went: hundreds of them share one message.
import { internalError, type Status } from "../../shared/errors/status.ts";
import type { WriteOptions, WriteResult } from "../../shared/verbs/write-request.ts";

/** Characters of a message, and causes of a refusal, that are enough to say why: some messages show the whole object. */
const MESSAGE_CHARACTERS_MAX = 1024;
const CAUSES_MAX = 8;

const cut = <T extends { readonly message?: string }>(said: T): T =>
  said.message === undefined ? said : { ...said, message: said.message.slice(0, MESSAGE_CHARACTERS_MAX) };

function shortened(status: Status): Status {
  const { details } = status;
  const causes = details?.causes?.slice(0, CAUSES_MAX).map(cut);
  return cut(causes ? { ...status, details: { ...details, causes } } : status);
}

export function answerTo({ brief }: WriteOptions, result: WriteResult | undefined): WriteResult {
  if (!result) return { ok: false, status: internalError("the store gave no answer") };
  if (!brief) return result;
  return result.ok ? { ...result, text: "" } : { ...result, status: shortened(result.status) };
}
