import { afterAll, beforeAll, expect, it } from "vitest";
import { needs } from "../need.ts";
import { processTree } from "../process-tree.ts";
import { type Cluster, startCluster } from "./cluster.ts";
import { container, execIn, logsOf, podOf, podPath, podsOf, rollout, shell } from "./pods.ts";

const patience = { timeout: 30_000, interval: 50 };
const asRoot = process.getuid?.() === 0;

needs(
  "etcd",
  "kube-apiserver",
  "kube-controller-manager",
  "keyturn-kubelet",
)("a node whose pods are processes", () => {
  let cluster: Cluster;
  const before = processTree(process.pid);
  beforeAll(async () => {
    cluster = await startCluster();
    await cluster.apply({ apiVersion: "v1", kind: "Namespace", metadata: { name: "shop" } });
  });
  afterAll(async () => {
    expect(processTree(process.pid).length).toBeGreaterThan(before.length + 4);
    await cluster.stop();
    expect(processTree(process.pid)).toEqual(before);
  });

  it("starts pods with what the Secret says then, when they answer it is ready, and again after a restart", async () => {
    await writeSecret("db", { password: "one" });
    const program = `require("node:http").createServer((request, answer) => answer.end(process.env.URL))
      .listen(8080, process.env.IP, () => console.log("serving", process.env.URL))`;
    const web = (restarts: string): object => ({
      apiVersion: "apps/v1",
      kind: "Deployment",
      metadata: { name: "web", namespace: "shop" },
      spec: {
        replicas: 3,
        selector: { matchLabels: { app: "web" } },
        template: { metadata: { labels: { app: "web" }, annotations: { restarts } }, spec: { containers: [server] } },
      },
    });
    const server = {
      ...container([process.execPath, "-e", program]),
      env: [
        { name: "IP", valueFrom: { fieldRef: { fieldPath: "status.podIP" } } },
        { name: "PASSWORD", valueFrom: { secretKeyRef: { name: "db", key: "password" } } },
        { name: "URL", value: "pg://shop:$(PASSWORD)@db" },
      ],
      ports: [{ name: "http", containerPort: 8080 }],
      readinessProbe: { httpGet: { path: "/", port: "http" }, periodSeconds: 1 },
    };
    const done = { seen: true, updated: 3, available: 3, left: 3 };
    await cluster.apply(web("0"));
    await expect.poll(() => rollout(cluster, "web"), patience).toEqual(done);
    const before = await podsOf(cluster, "app=web");
    expect(new Set(before.map((pod) => pod.status.podIP)).size).toBe(3);
    if (cluster.podNetwork?.proxyable === true) {
      const answer = await cluster.api("GET", `${podPath(`${before[0]?.metadata.name ?? ""}:8080`)}/proxy/`);
      expect(answer).toBe("pg://shop:one@db");
    }

    await writeSecret("db", { password: "two" });
    await cluster.apply(web("1"));
    await expect.poll(() => rollout(cluster, "web"), patience).toEqual(done);
    for (const pod of await podsOf(cluster, "app=web")) {
      expect(before.map((old) => old.metadata.name)).not.toContain(pod.metadata.name);
      expect(await logsOf(cluster, pod.metadata.name)).toBe("serving pg://shop:two@db\n");
    }
    await cluster.api("DELETE", "/apis/apps/v1/namespaces/shop/deployments/web");
  });

  it("gives a process what its container asks for and nothing of its own", async () => {
    await cluster.apply({
      ...{ apiVersion: "v1", kind: "ConfigMap" },
      ...{ metadata: { name: "settings", namespace: "shop" }, data: { COLOUR: "red" } },
    });
    await writeSecret("all", { USER: "shop", PASSWORD: "pa$$(USER)" });
    const from = [
      { secretRef: { name: "all" }, prefix: "DB_" },
      { configMapRef: { name: "settings" } },
      { secretRef: { name: "absent", optional: true } },
    ];
    const env = [
      { name: "COLOUR", value: "dark $(COLOUR) $$(COLOUR) $(NONE)" },
      { name: "KEY", valueFrom: { configMapKeyRef: { name: "settings", key: "absent", optional: true } } },
      { name: "LABEL", valueFrom: { fieldRef: { fieldPath: "metadata.labels['app']" } } },
    ];
    const spec = { ...container(["/usr/bin/env", "$(DB_USER)=here"]), args: ["/usr/bin/env"], envFrom: from, env };
    const securityContext = asRoot ? { runAsUser: 65_534 } : {};
    await run("environment", { containers: [spec], restartPolicy: "Never", securityContext });
    await expect.poll(() => phase("environment"), patience).not.toBe("Pending");
    const lines = (await logsOf(cluster, "environment", "follow=true")).trim().split("\n");
    const own = lines.filter((line) => !/^(?:PATH|HOME|KUBERNETES_SERVICE_\w+|MOUNT_\w+)=/.test(line));
    expect(own.toSorted()).toEqual([
      "COLOUR=dark red $(COLOUR) $(NONE)",
      "DB_PASSWORD=pa$$(USER)",
      "DB_USER=shop",
      "LABEL=environment",
      "shop=here",
    ]);
  });

  it("takes readiness away while the probe fails, without a restart", async () => {
    const readinessProbe = { exec: { command: ["test", "-f", "ok"] }, periodSeconds: 1, failureThreshold: 1 };
    await run("gate", { containers: [{ ...container(shell("exec sleep 1000")), readinessProbe }] });
    await expect.poll(() => phase("gate"), patience).toBe("Running");
    await expect
      .poll(async () => (await podOf(cluster, "gate")).status.conditions, patience)
      .toContainEqual(expect.objectContaining({ type: "Ready", status: "False", reason: "ContainersNotReady" }));
    await execIn(cluster, "gate", ["touch", "ok"]);
    await expect.poll(() => first("gate"), patience).toMatchObject({ ready: true });
    await execIn(cluster, "gate", ["rm", "ok"]);
    await expect.poll(() => first("gate"), patience).toMatchObject({ ready: false, restartCount: 0 });
  });

  it("restarts a process whose liveness probe fails, once its startup probe has let it", async () => {
    const probe = { periodSeconds: 1, failureThreshold: 1 };
    const startupProbe = { ...probe, exec: { command: ["test", "-f", "up"] }, failureThreshold: 100 };
    const livenessProbe = { ...probe, exec: { command: ["test", "-f", "well"] } };
    const program = "rm -f up; sleep 1.5; touch up; exec sleep 1000";
    await run("live", { containers: [{ ...container(shell(program)), startupProbe, livenessProbe }] });
    await expect
      .poll(() => first("live"), patience)
      .toMatchObject({ restartCount: 1, lastState: { terminated: { exitCode: 143, reason: "Error" } } });
  });

  it("backs off from a process that crashes and keeps what its last one said", async () => {
    await run("crash", { containers: [container(shell("echo run; echo 'login refused' >&2; exit 3"))] });
    await expect
      .poll(() => first("crash"), patience)
      .toMatchObject({
        ready: false,
        restartCount: 2,
        state: { waiting: { reason: "CrashLoopBackOff" } },
        lastState: { terminated: { exitCode: 3, reason: "Error", finishedAt: expect.any(String) } },
      });
    expect(await phase("crash")).toBe("Running");
    expect(await logsOf(cluster, "crash", "previous=true")).toMatch(/^(?:run\nlogin refused\n|login refused\nrun\n)$/);
    expect((await podOf(cluster, "crash")).status.conditions).toContainEqual(
      expect.objectContaining({ type: "Ready", status: "False" }),
    );
  });

  it("says what keeps a container from being made, and makes it when that is there", async () => {
    const env = [{ name: "PASSWORD", valueFrom: { secretKeyRef: { name: "late", key: "password" } } }];
    await run("config", { containers: [{ ...container(shell('echo "$PASSWORD"; exec sleep 1000')), env }] });
    const waiting = { reason: "CreateContainerConfigError", message: 'secret "late" not found' };
    await expect.poll(() => first("config"), patience).toMatchObject({ state: { waiting } });
    await writeSecret("late", { user: "shop" });
    waiting.message = "couldn't find key password in Secret shop/late";
    await expect.poll(() => first("config"), patience).toMatchObject({ state: { waiting } });
    await expect(logsOf(cluster, "config")).rejects.toThrow(/400 .*is waiting to start: CreateContainerConfigError/);
    await writeSecret("late", { password: "here" });
    await expect.poll(() => first("config"), patience).toMatchObject({ ready: true, restartCount: 0 });
    await expect.poll(() => logsOf(cluster, "config"), patience).toBe("here\n");
  });

  it("cannot pull an image that is missing, nor run a container without a command or with one that is not there", async () => {
    await run("pull", { containers: [{ ...container(["true"]), image: "missing/shop:2" }] });
    await run("bare", { containers: [{ name: "app", image: "none" }] });
    await run("absent", { containers: [container(["/no/such/program"])] });
    const backOff = { state: { waiting: { reason: "ImagePullBackOff" } }, restartCount: 0 };
    await expect.poll(() => first("pull"), patience).toMatchObject(backOff);
    await expect
      .poll(() => first("bare"), patience)
      .toMatchObject({ state: { waiting: { reason: "CreateContainerError" } } });
    const startError = { terminated: { exitCode: 128, reason: "StartError" } };
    await expect.poll(() => first("absent"), patience).toMatchObject({ lastState: startError });
    expect(await phase("pull")).toBe("Pending");
  });

  it("leaves pods pending that it has no place for", async () => {
    await run("picky", { containers: [container(["true"])], nodeSelector: { disk: "fast" } });
    await run("huge", { containers: [{ ...container(["true"]), resources: { requests: { cpu: "65" } } }] });
    for (const [name, why] of [
      ["picky", /didn't match Pod's node affinity/],
      ["huge", /1 Insufficient cpu/],
    ] as const) {
      const condition = { type: "PodScheduled", status: "False", reason: "Unschedulable" };
      await expect
        .poll(async () => (await podOf(cluster, name)).status.conditions, patience)
        .toContainEqual(expect.objectContaining({ ...condition, message: expect.stringMatching(why) }));
      expect(await phase(name)).toBe("Pending");
    }
  });

  it("changes files of a volume in place, and neither environment nor a subPath", async () => {
    await writeSecret("tls", { "tls.key": "one" });
    const program = 'while sleep 0.1; do echo "$(cat "$MOUNT_TLS/tls.key") $KEY $(cat /mnt/own/key 2>/dev/null)"; done';
    const env = [{ name: "KEY", valueFrom: { secretKeyRef: { name: "tls", key: "tls.key" } } }];
    const volumeMounts = [
      { name: "tls", mountPath: "/etc/shop/tls", readOnly: true },
      { name: "tls", mountPath: "/mnt/own/key", subPath: "tls.key" },
    ];
    await run("files", {
      containers: [{ ...container(shell(program)), env, volumeMounts }],
      volumes: [{ name: "tls", secret: { secretName: "tls" } }],
    });
    const lastLine = () => logsOf(cluster, "files", "tailLines=1").catch(String);
    const key = asRoot ? "one" : "";
    await expect.poll(lastLine, patience).toBe(`one one ${key}\n`);
    await writeSecret("tls", { "tls.key": "two" });
    await expect.poll(lastLine, patience).toBe(`two one ${key}\n`);
    if (asRoot) {
      expect(await execIn(cluster, "files", ["cat", "/etc/shop/tls/tls.key"])).toMatchObject({ stdout: "two" });
    }
  });

  it("answers logs from a time on, with times, the last lines, and refuses those that are not there", async () => {
    await run("talk", {
      containers: [container(shell("echo early; sleep 2.2; echo late; printf open; exec sleep 1000"))],
    });
    await expect.poll(() => logsOf(cluster, "talk").catch(String), patience).toMatch(/late/);
    const stamped = await logsOf(cluster, "talk", "timestamps=true");
    const lateAt = /^(\S+Z) late$/m.exec(stamped)?.[1] ?? "";
    expect(stamped).toMatch(/^\d{4}-\S+\.\d{3,9}Z early\n/);
    expect(await logsOf(cluster, "talk", `sinceTime=${encodeURIComponent(lateAt)}`)).toBe("late\n");
    expect(await logsOf(cluster, "talk", "tailLines=0")).toBe("");
    expect(await logsOf(cluster, "talk", "limitBytes=3")).toBe("ear");
    const previous = logsOf(cluster, "talk", "previous=true");
    await expect(previous).rejects.toThrow('400 previous terminated container "app" in pod "talk" not found');
  });

  it("runs a program inside a container with its environment, its input and its exit code", async () => {
    const env = [{ name: "NAME", value: "shop" }];
    await run("inside", { containers: [{ ...container(shell("exec sleep 1000")), env }] });
    await expect.poll(() => phase("inside"), patience).toBe("Running");
    const exit = await execIn(
      cluster,
      "inside",
      shell('read line; echo "$NAME $line"; echo bad >&2; exit 7'),
      "hello\n",
    );
    expect(exit).toEqual({ code: 7, stdout: "shop hello\n", stderr: "bad\n" });
    expect(await execIn(cluster, "inside", ["true"])).toEqual({ code: 0, stdout: "", stderr: "" });
  });

  it("finishes Jobs, well and badly, after their init containers", async () => {
    const job = (name: string, program: string): object => ({
      apiVersion: "batch/v1",
      kind: "Job",
      metadata: { name, namespace: "shop" },
      spec: {
        backoffLimit: 0,
        template: {
          spec: {
            restartPolicy: "Never",
            initContainers: [{ ...container(shell("echo first > $MOUNT_SHARED/note")), name: "init", volumeMounts }],
            containers: [{ ...container(shell(program)), volumeMounts }],
            volumes: [{ name: "shared", emptyDir: {} }],
          },
        },
      },
    });
    const volumeMounts = [{ name: "shared", mountPath: "/mnt/shared" }];
    await cluster.apply(job("good", "cat $MOUNT_SHARED/note"), job("bad", "exit 1"));
    const jobPath = "/apis/batch/v1/namespaces/shop/jobs";
    await expect
      .poll(() => cluster.api("GET", `${jobPath}/good`), patience)
      .toMatchObject({ status: { succeeded: 1 } });
    await expect.poll(() => cluster.api("GET", `${jobPath}/bad`), patience).toMatchObject({ status: { failed: 1 } });
    const [pod] = await podsOf(cluster, "job-name=good");
    expect(await logsOf(cluster, pod?.metadata.name ?? "")).toBe("first\n");
    expect(pod?.status.containerStatuses[0]?.state).toMatchObject({ terminated: { exitCode: 0, reason: "Completed" } });
  });

  it("ends the processes of a deleted pod, those that will not too, and then removes it", async () => {
    const deaf = { ...container(shell("trap '' TERM; echo up; while :; do sleep 0.2; done")) };
    await run("deaf", { containers: [deaf], terminationGracePeriodSeconds: 1 });
    await expect.poll(() => logsOf(cluster, "deaf").catch(String), patience).toBe("up\n");
    const pid = Number((await execIn(cluster, "deaf", shell("pgrep -f 'trap .. TERM; echo up' | head -1"))).stdout);
    expect(pid).toBeGreaterThan(0);
    await cluster.api("DELETE", podPath("deaf"));
    expect(await podOf(cluster, "deaf")).toMatchObject({ metadata: { deletionTimestamp: expect.any(String) } });
    await expect.poll(() => podOf(cluster, "deaf").catch(String), patience).toMatch(/404/);
    expect(() => process.kill(pid, 0)).toThrow("ESRCH");
  });

  async function run(name: string, spec: object): Promise<void> {
    const metadata = { name, namespace: "shop", labels: { app: name } };
    await cluster.apply({ apiVersion: "v1", kind: "Pod", metadata, spec });
  }

  async function writeSecret(name: string, stringData: Record<string, string>): Promise<void> {
    await cluster.apply({ apiVersion: "v1", kind: "Secret", metadata: { name, namespace: "shop" }, stringData });
  }

  async function phase(name: string): Promise<string> {
    return (await podOf(cluster, name)).status.phase;
  }

  async function first(name: string): Promise<unknown> {
    return (await podOf(cluster, name)).status.containerStatuses[0];
  }
});
