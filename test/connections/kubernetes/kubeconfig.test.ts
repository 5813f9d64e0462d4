import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { kubeconfigOf } from "../../../src/connections/kubernetes/kubeconfig.ts";
import { loginOf } from "../../../src/connections/kubernetes/login.ts";
import { newFolder } from "../../servers/run-folder.ts";
import { plainKubeconfig } from "./plain-kubeconfig.ts";

const connection = { kind: "kubernetes" } as const;

it("takes the named context, and names those that there are", () => {
  const kubeconfig = plainKubeconfig("http://127.0.0.1:1");

  expect(kubeconfigOf({ ...connection, kubeconfig, context: "plain" }).getCurrentCluster()?.server).toBe(
    "http://127.0.0.1:1",
  );
  expect(() => kubeconfigOf({ ...connection, kubeconfig, context: "prod" })).toThrow(
    expect.objectContaining({ code: "kubernetes_config", hint: "its contexts: plain" }),
  );
});

it("quotes nothing of a file that it cannot read", () => {
  const file = join(newFolder("kubeconfig"), "config");
  writeFileSync(file, "users: [token: canary-token\n");

  expect(() => kubeconfigOf({ ...connection, kubeconfig: file })).toThrow(
    expect.objectContaining({ code: "kubernetes_config", message: expect.not.stringContaining("canary") }),
  );
});

it("logs in as the pod's service account, with the token that the file has now", async () => {
  const folder = newFolder("account");
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "token"), "token-one");
  writeFileSync(join(folder, "ca.crt"), "");

  const login = loginOf(kubeconfigOf({ ...connection, inCluster: true }, folder));

  expect(login.server).toBe("https://kubernetes.default.svc");
  expect((await login.credentials()).headers).toMatchObject({ Authorization: "Bearer token-one" });
  await login.close();
});

it("says so outside of a pod", () => {
  expect(() => kubeconfigOf({ ...connection, inCluster: true }, join(newFolder("account"), "none"))).toThrow(
    expect.objectContaining({ code: "kubernetes_config" }),
  );
});

it("runs an exec plug-in of the kubeconfig, and does not repeat its words when it fails", async () => {
  const folder = newFolder("plug-in");
  const credential = {
    apiVersion: "client.authentication.k8s.io/v1",
    kind: "ExecCredential",
    status: { token: "t-1" },
  };
  const file = (args: readonly string[]): string => {
    const exec = { apiVersion: "client.authentication.k8s.io/v1", command: process.execPath, args };
    const config = {
      clusters: [{ name: "c", cluster: { server: "https://127.0.0.1:1" } }],
      users: [{ name: "u", user: { exec } }],
      contexts: [{ name: "x", context: { cluster: "c", user: "u" } }],
      "current-context": "x",
    };
    const path = join(folder, `${args.length}`);
    writeFileSync(path, JSON.stringify(config));
    return path;
  };
  const print = `console.log(${JSON.stringify(JSON.stringify(credential))})`;
  const login = loginOf(kubeconfigOf({ ...connection, kubeconfig: file(["-e", print]) }));
  expect((await login.credentials()).headers).toMatchObject({ Authorization: "Bearer t-1" });

  const failing = loginOf(
    kubeconfigOf({ ...connection, kubeconfig: file(["-e", "console.error('canary-plug'); process.exit(3)", "--"]) }),
  );
  await expect(failing.credentials()).rejects.toThrow(
    expect.objectContaining({ code: "kubernetes_login", message: expect.not.stringContaining("canary") }),
  );
});
