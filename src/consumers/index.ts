import type { ConsumerKind } from "../core/ports.ts";
import type { Runner } from "../process/run.ts";
import { commandConsumer } from "./command/consumer.ts";
import { composeConsumer } from "./compose/consumer.ts";
import { kubernetesWorkload } from "./kubernetes-workload/consumer.ts";

/** `runner`: see `src/process/run.ts`. `logFolders`: where log files may lie; absolute paths, links followed. */
export type ConsumerSettings = { readonly runner: Runner; readonly logFolders: readonly string[] };

/** Every kind of workload that can be made to read a new value, one line each. */
export function consumers(settings: ConsumerSettings): readonly ConsumerKind[] {
  return [commandConsumer(settings), composeConsumer(settings), kubernetesWorkload];
}
