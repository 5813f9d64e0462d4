import { startWireProxy, type WireProxy } from "../servers/wire-proxy.ts";
import type { Wire } from "./rotator-world.ts";

export type WiredPorts = {
  readonly ports: readonly number[];
  readonly wire: Wire;
  readonly close: () => Promise<void>;
};

/** Puts a proxy in front of each node; the commands of all of them are counted together, in the order of arrival. */
export async function wireThrough(protocol: "redis" | "postgres", ports: readonly number[]): Promise<WiredPorts> {
  const proxies: WireProxy[] = [];
  for (const port of ports) proxies.push(await startWireProxy({ protocol, port }));
  let seen = 0;
  let planned: { readonly command: number; readonly when: "before" | "after" } | undefined;
  let stalled: { readonly over: Promise<void>; readonly end: () => void } | undefined;
  const onCommand = async (): Promise<"drop" | "drop-reply" | "forward"> => {
    seen += 1;
    const isPlanned = planned?.command === seen;
    await stalled?.over;
    if (!isPlanned) return "forward";
    return planned?.when === "before" ? "drop" : "drop-reply";
  };
  for (const proxy of proxies) proxy.onCommand(onCommand);
  const resume = (): void => stalled?.end();
  return {
    ports: proxies.map(({ port }) => port),
    wire: {
      commands: () => seen,
      reset: () => {
        seen = 0;
        planned = undefined;
      },
      cut: (command, when) => {
        planned = { command, when };
      },
      stall: () => {
        const { promise, resolve } = Promise.withResolvers<void>();
        stalled = { over: promise, end: resolve };
      },
      resume,
    },
    close: async () => {
      resume();
      for (const proxy of proxies) await proxy[Symbol.asyncDispose]();
    },
  };
}
