import type { ConnectionKind } from "../core/ports.ts";
import { KubernetesConnection } from "./kubernetes/config.ts";

/** Every kind of system that entries of a target may name, one line each. */
export const connections: readonly ConnectionKind[] = [{ kind: "kubernetes", config: KubernetesConnection }];
