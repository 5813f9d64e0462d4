import { type Shared, share } from "../../connections/kubernetes/lists.ts";
import { GiveUp } from "../../core/errors.ts";
import type { BoundConsumer, Consumer, ConsumerKind, Context } from "../../core/ports.ts";
import { Entry } from "../../core/target.ts";
import { Config, Connected, placeIn } from "./config.ts";
import { workloadsThatUse } from "./discover.ts";
import { instancesOf, lookAt } from "./instances.ts";
import { laggards } from "./laggards.ts";
import { logsOf } from "./logs.ts";
import { preflight } from "./preflight.ts";
import { reloadWorkload } from "./reload.ts";
import { type Subject, unitOf } from "./workloads.ts";

/** A Deployment, StatefulSet or DaemonSet, by name or found by what it reads. See README.md. */
export const kubernetesWorkload: ConsumerKind = {
  kind: "kubernetes-workload",
  connects: { kind: "kubernetes", at: ["at"] },
  config: Config,
  bind: (entry) => bound(Connected.parse(entry), Entry.parse(entry)),
};

function bound(config: Connected, entry: Entry): BoundConsumer {
  const { connection, namespace, kind, name } = placeIn(config);
  const label = `${connection}/${namespace} ${kind}/${name}`;
  if (kind === "secret" || kind === "secret-version" || kind === "configmap") {
    return {
      shape: {
        label: `whatever uses ${label}`,
        locks: [],
        words: "restarts every workload that is found",
        noun: "pods",
      },
      open: () =>
        Promise.reject(new GiveUp("not_discovered", `${label} stands for workloads that were not looked for yet`)),
      discover: (context) =>
        sharing(config, context, (shared) =>
          workloadsThatUse(shared, entry, { connection, namespace }, { kind, name }),
        ),
      unreached: (context) => sharing(config, context, (shared) => laggards(shared, namespace, { kind, name })),
    };
  }
  return {
    shape: {
      label,
      locks: [`kubernetes:${connection}/${namespace}/${kind}/${name}`],
      words: `restarts the pods of ${kind}/${name} as its own strategy says: a few at a time, unless it recreates them`,
      noun: "pods",
      holdMs: config.settle,
      withinMs: config.within,
    },
    open: (context) => Promise.resolve(openConsumer(config, { namespace, kind, name }, context)),
  };
}

async function sharing<T>(
  { connection }: Connected,
  context: Context,
  look: (shared: Shared) => Promise<T>,
): Promise<T> {
  const shared = share(connection, context);
  try {
    return await look(shared);
  } finally {
    await shared.close();
  }
}

function openConsumer(config: Connected, subject: Subject, context: Context): Consumer {
  const shared = share(config.connection, context);
  const { rotationId } = context.session;
  const unit = unitOf(subject);
  return {
    preflight: () => preflight(shared, subject, config),
    units: () => Promise.resolve([unit]),
    reload: async (asked, expected) => {
      if (asked !== unit) throw new GiveUp("unknown_unit", `${unit} is not asked to reload another unit`);
      await reloadWorkload(shared, subject, config, rotationId, expected);
    },
    instances: (expected) => instancesOf(shared, subject, config, rotationId, expected),
    logs: async (since) => {
      const cluster = await shared.cluster();
      const { pods = [] } = (await lookAt(shared, subject)) ?? {};
      const logs = [];
      for (const pod of pods) logs.push(await logsOf(cluster, `${unit}/${pod.metadata.name}`, pod, since));
      return logs;
    },
    close: shared.close,
  };
}
