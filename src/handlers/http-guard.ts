/** Slack's own limit for the age of a request; here it holds for the future too. */
const windowMs = 300_000;

/** What of a request over HTTP is judged before Bolt sees it: the two headers that Slack signs with. */
export type Delivery = { readonly timestamp: string | undefined; readonly signature: string | undefined };

/**
 * Why a request is refused without reading it further: no headers of Slack, or a time that is not within 300 s of ours,
 * in either direction. Undefined: go on to the signature. Pure.
 */
export function refuseDelivery(
  { timestamp, signature }: Delivery,
  nowMs: number,
): "unsigned" | "out_of_time" | undefined {
  if (
    timestamp === undefined ||
    signature === undefined ||
    !/^v0=[0-9a-f]{64}$/.test(signature) ||
    !/^\d{1,12}$/.test(timestamp)
  ) {
    return "unsigned";
  }
  return Math.abs(Number(timestamp) * 1000 - nowMs) > windowMs ? "out_of_time" : undefined;
}

/**
 * Whether a request whose signature was verified is here for the first time. The record lasts longer than the window, so
 * that a replay is either known or too old. Slack signs each of its own retries anew: they pass.
 */
export function isReplay(signature: string, firstTime: (key: string) => Promise<boolean>): Promise<boolean> {
  return firstTime(`signature:${signature}`).then((first) => !first);
}
