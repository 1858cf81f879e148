// Secret against the recorded answers of a real server, and the merge of stringData.
import { describe, expect, it } from "vitest";
import { base64OfText, base64Size, textOfBase64 } from "../../../shared/kinds/_core/bytes.ts";
import { secretKind } from "../../../shared/kinds/core/secret.ts";
import { inputObject, testContext } from "../../support/facts.ts";
import type { Secret } from "../../../shared/kinds/_generated/types.ts";
import { describeKind } from "./fact-suite.ts";

describeKind(secretKind, { bases: ["secret", "secret-basic", "secret-docker", "secret-tls", "secret-sa-token"] });

describe("Secret", () => {
  it("merges stringData over data", () => {
    const secret = inputObject("secret-stringdata") as Secret;
    secretKind.defaults(secret);
    // As the recorded sample of secret-stringdata shows.
    expect(secret).toMatchObject({ type: "Opaque", data: { k: "bmV3", o: "bw==", z: "eno=" } });
    expect(secret.stringData).toBeUndefined();
  });
  it.each(["", "a", "ab", "abc", "käse", "日本語 text", "\u{1f600}"])("base64 of %j is that of Node", (text) => {
    const wanted = Buffer.from(text).toString("base64");
    expect(base64OfText(text)).toBe(wanted);
    expect(textOfBase64(wanted)).toBe(text);
    expect(base64Size(wanted)).toBe(Buffer.byteLength(text));
  });
  it("keeps the data of an immutable secret", () => {
    const stored: Secret = { type: "Opaque", immutable: true, data: { a: "YQ==" } };
    const fields = (next: Secret): string[] => secretKind.update.validate(next, stored, testContext).map((error) => error.field);
    expect(fields({ ...stored })).toEqual([]);
    expect(fields({ type: "Opaque", data: { a: "Yg==" } })).toEqual(["immutable", "data"]);
  });
});
