// The wire of exec and attach: WebSocket subprotocols v5.channel.k8s.io and v4.channel.k8s.io.
// As upstream: staging/src/k8s.io/apimachinery/pkg/util/remotecommand/constants.go.
import type { Json } from "../base/json.ts";

export const CHANNEL = { stdin: 0, stdout: 1, stderr: 2, error: 3, resize: 4, close: 255 } as const;
export type Channel = (typeof CHANNEL)[keyof typeof CHANNEL];
/** In order of preference. */
export const PROTOCOLS = ["v5.channel.k8s.io", "v4.channel.k8s.io"] as const;
export type RemoteProtocol = (typeof PROTOCOLS)[number];

/** Picks the best protocol of those a client offers in Sec-WebSocket-Protocol. */
export function chooseProtocol(header: string | null | undefined): RemoteProtocol | undefined {
  const offered = (header ?? "").split(",").map((one) => one.trim());
  return PROTOCOLS.find((one) => offered.includes(one));
}

/** One message: the channel's byte, then the bytes. */
export function frame(channel: Channel, payload: string | Uint8Array): Uint8Array {
  const body = typeof payload === "string" ? new TextEncoder().encode(payload) : payload;
  const bytes = new Uint8Array(body.length + 1);
  bytes[0] = channel;
  bytes.set(body, 1);
  return bytes;
}

export type RemoteInput =
  | { readonly kind: "stdin"; readonly bytes: Uint8Array }
  | { readonly kind: "resize"; readonly width: number; readonly height: number }
  /** The client has ended one of its streams; only stdin can be. */
  | { readonly kind: "close"; readonly channel: number }
  | { readonly kind: "unknown"; readonly channel: number };

/** What a client's message means. */
export function readFrame(data: ArrayBuffer | Uint8Array | string): RemoteInput {
  const bytes = typeof data === "string" ? new TextEncoder().encode(data) : data instanceof Uint8Array ? data : new Uint8Array(data);
  const channel = bytes[0] ?? -1;
  const rest = bytes.subarray(1);
  if (channel === CHANNEL.stdin) return { kind: "stdin", bytes: rest };
  if (channel === CHANNEL.close) return { kind: "close", channel: rest[0] ?? -1 };
  if (channel === CHANNEL.resize) {
    const size = parseSize(new TextDecoder().decode(rest));
    return { kind: "resize", ...size };
  }
  return { kind: "unknown", channel };
}
const WIDTH = /"Width":\s*(\d{1,6})/;
const HEIGHT = /"Height":\s*(\d{1,6})/;
const parseSize = (text: string): { width: number; height: number } => ({
  width: Number(WIDTH.exec(text)?.[1] ?? 0),
  height: Number(HEIGHT.exec(text)?.[1] ?? 0),
});

const EXIT_CODE_REASON = "NonZeroExitCode";
/** What the error channel says at the end: success, or the exit code as a cause. */
export function exitStatus(code: number): Json {
  if (code === 0) return { metadata: {}, status: "Success" };
  return {
    metadata: {},
    status: "Failure",
    message: `command terminated with non-zero exit code: command terminated with exit code ${code}`,
    reason: EXIT_CODE_REASON,
    details: { causes: [{ reason: "ExitCode", message: String(code) }] },
  };
}
/** The error channel when the command could not be run at all. */
export const failedStatus = (message: string): Json => ({
  metadata: {},
  status: "Failure",
  message,
  reason: "InternalError",
  details: { causes: [{ message }] },
  code: 500,
});
