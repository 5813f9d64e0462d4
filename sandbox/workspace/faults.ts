/** What goes wrong on demand. Every switch is off at the start. */
export interface Faults {
  /** Every API call and response_url use fails: the connection is closed without an answer, and nothing happens. */
  outage(on: boolean): void;
  /** The next `count` calls (of one method, or of any) answer 429 with this Retry-After. */
  rateLimit(storm: { readonly method?: string; readonly count: number; readonly retryAfterSec: number }): void;
  /** The next `count` calls of `method` take effect, but their answer is lost. */
  dropResponses(method: string, count: number): void;
  /** The next `count` calls of `method` answer `{ ok: false, error }` without effect. */
  failCalls(method: string, count: number, error: string): void;
  /** Each delivery is made twice. */
  duplicateDeliveries(on: boolean): void;
  /** The next `count` deliveries get lost on the way to the app. */
  dropDeliveries(count: number): void;
  /** A `disconnect` envelope to each socket, then the close; the app reconnects by itself. */
  disconnectSockets(): void;
  /** Block types that this workspace does not know yet: `invalid_blocks` (for the classic fallback). */
  unknownBlocks(types: readonly string[]): void;
  /** Everything works again. */
  clear(): void;
}

export interface FaultState {
  readonly faults: Faults;
  isOut(): boolean;
  /** The Retry-After in seconds when this call must be limited. */
  takeRateLimit(method: string): number | undefined;
  takeFailure(method: string): string | undefined;
  takeDroppedResponse(method: string): boolean;
  takeDroppedDelivery(): boolean;
  isDuplicating(): boolean;
  unknownBlockTypes(): ReadonlySet<string>;
}

/** The switches and the questions that the rest of the workspace asks them. */
export function createFaults(disconnectSockets: () => void): FaultState {
  let out = false;
  let duplicating = false;
  let droppedDeliveries = 0;
  let unknown: ReadonlySet<string> = new Set();
  const storms: { method: string | undefined; count: number; retryAfterSec: number }[] = [];
  const failures: { method: string; count: number; error: string }[] = [];
  const dropped = new Map<string, number>();
  const faults: Faults = {
    outage: (on) => {
      out = on;
    },
    rateLimit: ({ method, count, retryAfterSec }) => {
      storms.push({ method, count, retryAfterSec });
    },
    dropResponses: (method, count) => {
      dropped.set(method, count);
    },
    failCalls: (method, count, error) => {
      failures.push({ method, count, error });
    },
    duplicateDeliveries: (on) => {
      duplicating = on;
    },
    dropDeliveries: (count) => {
      droppedDeliveries = count;
    },
    disconnectSockets,
    unknownBlocks: (types) => {
      unknown = new Set(types);
    },
    clear: () => {
      out = false;
      duplicating = false;
      droppedDeliveries = 0;
      unknown = new Set();
      storms.length = 0;
      failures.length = 0;
      dropped.clear();
    },
  };
  return {
    faults,
    isOut: () => out,
    isDuplicating: () => duplicating,
    unknownBlockTypes: () => unknown,
    takeRateLimit: (method) => {
      const storm = storms.find((s) => s.count > 0 && (s.method === undefined || s.method === method));
      if (storm !== undefined) storm.count -= 1;
      return storm?.retryAfterSec;
    },
    takeFailure: (method) => {
      const failure = failures.find((f) => f.count > 0 && f.method === method);
      if (failure !== undefined) failure.count -= 1;
      return failure?.error;
    },
    takeDroppedResponse: (method) => {
      const left = dropped.get(method) ?? 0;
      if (left > 0) dropped.set(method, left - 1);
      return left > 0;
    },
    takeDroppedDelivery: () => {
      const drop = droppedDeliveries > 0;
      if (drop) droppedDeliveries -= 1;
      return drop;
    },
  };
}
