import { z } from "zod";
import { KubernetesConnection } from "../../connections/kubernetes/config.ts";
import { WorkloadAt } from "../../connections/kubernetes/place.ts";
import { Duration } from "../../core/duration.ts";
import { Argv } from "../../process/argv.ts";
import { Wanted } from "../program.ts";

/** An entry under `checks:` of a target. */
export const Config = z.strictObject({
  kind: z.literal("exec"),
  name: z.string().exactOptional().describe("what the thread calls it"),
  at: WorkloadAt.describe("connection/namespace/deployment/name; also statefulset and daemonset"),
  container: z.string().min(1).exactOptional().describe("default: the one that kubectl would choose"),
  argv: Argv.describe("a program in the container, and its arguments; there is no shell unless it is named"),
  each: z.boolean().default(true).describe("false: in one ready pod, the first by name"),
  ...Wanted,
  timeout: Duration.default(10_000),
  settle: Duration.default(0),
  connection: KubernetesConnection.exactOptional().describe("written by Keyturn from the name in `at`"),
});
export type Config = z.infer<typeof Config>;
