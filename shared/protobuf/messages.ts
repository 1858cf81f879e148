// The messages of Kubernetes' protobuf: numbers, JSON names and types, from a table read off a real server.
import table from "./_generated/messages.json" with { type: "json" };

export type Scalar = "s" | "b" | "i" | "l" | "d" | "y";
export interface MessageField {
  /** "" when JSON puts the message's members in its place. */
  readonly name: string;
  readonly repeated: boolean;
  readonly map: boolean;
  /** A scalar, or the name of a message. */
  readonly type: string;
  /** Sent only when set: a zero means zero. Other scalars are always sent, and a zero means nothing was said. */
  readonly pointer: boolean;
}
export type Message = ReadonlyMap<number, MessageField>;

const TABLE = table as Readonly<Record<string, string>>;
const parsed = new Map<string, Message>();

export const isScalar = (type: string): type is Scalar => type.length === 1;

/** The message of that name (`core.v1.PodSpec`); undefined: there is none. */
export function messageOf(name: string): Message | undefined {
  const known = parsed.get(name);
  if (known) return known;
  const text = Object.hasOwn(TABLE, name) ? TABLE[name] : undefined;
  if (text === undefined) return undefined;
  const message = new Map<number, MessageField>();
  for (const row of text === "" ? [] : text.split(",")) {
    const [number, json = "", type = "", star] = row.split(" ");
    const kind = type[0];
    message.set(Number(number), {
      name: json === "." ? "" : json,
      repeated: kind === "[",
      map: kind === "{",
      type: kind === "[" || kind === "{" ? type.slice(1) : type,
      pointer: star === "*",
    });
  }
  parsed.set(name, message);
  return message;
}
