import { chmod, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { totalsIn, until } from "../engine/cluster-shop.ts";
import { openStage, type Stage } from "../engine/stage.ts";
import { freshDatabase } from "../servers/fresh-database.ts";
import type { Cluster } from "../servers/kubernetes/cluster.ts";
import { grant, type Names } from "../servers/kubernetes/grant.ts";
import { deploymentOf, readyPods, removeDeployment } from "./cluster.ts";
import { exampleFor, type Replacements } from "./example.ts";
import { startFront } from "./front.ts";

export type Described = Names & {
  readonly cluster: Cluster;
  readonly file: string;
  /** The targets that are rotated. */
  readonly secrets: readonly string[];
  /** What the file says of connection and public address, which are made here. */
  readonly connection: string;
  readonly front?: string;
  readonly replacements: Replacements;
  readonly references: Readonly<Record<string, string>>;
  readonly objects: readonly object[];
  /** What pods log in with: `postgres:VARIABLE`, with spaces between. */
  readonly logins: string;
  readonly pod: Parameters<typeof deploymentOf>[3];
};

/** An example that runs: its application on the cluster, and Keyturn with its file and its rights. */
export type Running = AsyncDisposable & {
  readonly stage: Stage;
  readonly totals: () => ReturnType<typeof totalsIn>;
};

/** Builds what an example describes, and starts Keyturn with the file itself. */
export async function run(described: Described): Promise<Running> {
  const { cluster, namespace } = described;
  await using starting = new AsyncDisposableStack();
  const folder = await mkdtemp(join(tmpdir(), "keyturn-example-"));
  starting.defer(() => rm(folder, { recursive: true, force: true }));
  await chmod(folder, 0o755);
  await makeImage(folder);
  const kubeconfig = await grant(cluster, described);
  await cluster.apply(...described.objects, deploymentOf(described, folder, described.logins, described.pod));
  starting.defer(() => removeDeployment(cluster, described));
  await until(async () => (await readyPods(cluster, namespace)).length === 2, "the pods are ready");
  const front = starting.use(await startFront(() => readyPods(cluster, namespace)));
  const places: Replacements = [
    [described.connection, `{ kind: kubernetes, kubeconfig: ${JSON.stringify(kubeconfig)} }`],
    ...(described.front === undefined ? [] : [[described.front, front.url] as const]),
    ...described.replacements,
  ];
  const database = starting.use(await freshDatabase());
  const stage = await openStage({
    databaseUrl: database.url,
    folder,
    catalog: await exampleFor(described.file, places, described.secrets),
    references: described.references,
  });
  starting.defer(() => stage.close());
  const running = starting.move();
  return { stage, totals: () => totalsIn(folder), [Symbol.asyncDispose]: () => running.disposeAsync() };
}

/** Programs of the application's image, for checks that run them inside of pods. */
async function makeImage(folder: string): Promise<void> {
  await mkdir(`${folder}/image`);
  for (const name of ["psql", "aegis"]) {
    const source = fileURLToPath(new URL(`./image/${name}.ts`, import.meta.url));
    await writeFile(`${folder}/image/${name}`, `#!/bin/sh\nexec ${process.execPath} ${source} "$@"\n`, { mode: 0o755 });
  }
}
