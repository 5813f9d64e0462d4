import type { World } from "../world/supervisor.ts";
import type { Issuer } from "./target.ts";

/** Two targets of one catalog: what the demo's people may rotate. Times are seconds, so that one can watch. */
export function demoCatalog(
  parts: readonly { readonly issuer: Issuer; readonly world: World; readonly envFile: string }[],
): string {
  const catalog = {
    version: 1,
    demo: true,
    policies: {
      demo: {
        channel: "#security-ops",
        requesters: ["@oncall", "@security", "@platform"],
        approvals: [
          { from: "@security", min: 1 },
          { from: "@oncall", min: 1, else: "@platform-leads" },
        ],
        oncall: "@oncall",
        expires: "30m",
      },
    },
    targets: parts.map(({ issuer, world, envFile }) => ({
      secret: issuer.kind,
      environment: "demo",
      policy: "demo",
      owner: "@platform",
      contacts: "#platform-support",
      rotator: issuer.rotator,
      publish: [{ store: "env-file", file: envFile, values: { [issuer.variable]: issuer.template } }],
      consumers: [
        {
          kind: "command",
          name: `${issuer.kind}-shop`,
          instances: world.instances.map(({ id, url, logFile }) => ({
            id,
            reload: world.restartCommand(id),
            sees: { started: world.startedCommand(id) },
            ready: { http: `${url}/health` },
            logs: logFile,
            addresses: ["127.0.0.1"],
            clients: [`demo-${id}`],
          })),
        },
      ],
      checks: [
        ...world.instances.map(({ url }) => ({
          kind: "http",
          url: `${url}/health`,
          expect: { status: 200, json: { [`$.components.${issuer.kind}`]: "healthy" } },
          settle: "2s",
        })),
        { kind: "logs", of: "consumers", pattern: "auth.*error|unauthorized|forbidden", window: "30s", settle: "2s" },
        { kind: "login" },
      ],
      grace: "5s",
      graceMax: "10m",
      idle: { for: "4s" },
      watch: "5s",
      notice: "3s",
    })),
  };
  return `# What the demo can rotate. JSON is YAML too; docs/catalog.md shows the usual way to write it.\n${JSON.stringify(catalog, undefined, 2)}\n`;
}
