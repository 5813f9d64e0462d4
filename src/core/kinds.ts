import { KeyturnError } from "./errors.ts";
import type {
  BoundCheck,
  BoundConsumer,
  BoundRotator,
  BoundStore,
  CheckKind,
  ConnectionKind,
  ConsumerKind,
  Rotator,
  StoreKind,
} from "./ports.ts";

/** The registries of adapters, put together by the composition root. */
export type Kinds = {
  readonly connections: readonly ConnectionKind[];
  readonly rotators: readonly Rotator[];
  readonly stores: readonly StoreKind[];
  readonly consumers: readonly ConsumerKind[];
  readonly checks: readonly CheckKind[];
};

type Stored = { readonly kind: string; readonly entry: unknown };

/** Bind an entry of a stored plan again. Throw KeyturnError("unknown_kind") when this program no longer has that kind. */
export function bindRotator(kinds: Kinds, { kind, entry }: Stored): BoundRotator {
  return named(kinds.rotators, kind, "rotator").bind(entry);
}

export function bindStore(kinds: Kinds, { kind, entry }: Stored): BoundStore {
  return named(kinds.stores, kind, "store").bind(entry);
}

export function bindConsumer(kinds: Kinds, { kind, entry }: Stored): BoundConsumer {
  return named(kinds.consumers, kind, "consumer").bind(entry);
}

export function bindCheck(kinds: Kinds, { kind, entry }: Stored): BoundCheck {
  return named(kinds.checks, kind, "check").bind(entry);
}

function named<T extends { readonly kind: string }>(all: readonly T[], kind: string, what: string): T {
  const found = all.find((each) => each.kind === kind);
  if (found === undefined) {
    throw new KeyturnError("unknown_kind", `there is no ${what} "${kind}" in this version`, {
      hint: `it knows ${all.map((each) => each.kind).join(", ")}`,
    });
  }
  return found;
}
