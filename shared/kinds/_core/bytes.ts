// Base64 as the API carries it in `data` of Secrets and `binaryData` of ConfigMaps: text in, sizes and text out.
const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/** Base64 of the UTF-8 form of a text. */
export function base64OfText(text: string): string {
  const bytes = new TextEncoder().encode(text);
  let out = "";
  for (let i = 0; i < bytes.length; i += 3) {
    const [a = 0, b = 0, c = 0] = bytes.subarray(i, i + 3);
    const left = bytes.length - i;
    out += ALPHABET.charAt(a >> 2) + ALPHABET.charAt(((a & 3) << 4) | (b >> 4));
    out += left > 1 ? ALPHABET.charAt(((b & 15) << 2) | (c >> 6)) : "=";
    out += left > 2 ? ALPHABET.charAt(c & 63) : "=";
  }
  return out;
}

/** How many bytes a base64 text stands for, without decoding it. */
export function base64Size(text: string): number {
  if (text.length === 0) return 0;
  const padding = text.endsWith("==") ? 2 : text.endsWith("=") ? 1 : 0;
  return Math.floor((text.length * 3) / 4) - padding;
}

/** The text that a base64 value holds; bytes that are no UTF-8 become U+FFFD. */
export function textOfBase64(base64: string): string {
  const bytes: number[] = [];
  let bits = 0;
  let value = 0;
  for (const character of base64) {
    const digit = ALPHABET.indexOf(character);
    if (digit < 0) continue;
    value = ((value << 6) | digit) & 0xffffff;
    bits += 6;
    if (bits >= 8) {
      bits -= 8;
      bytes.push((value >> bits) & 0xff);
    }
  }
  return new TextDecoder().decode(Uint8Array.from(bytes));
}
