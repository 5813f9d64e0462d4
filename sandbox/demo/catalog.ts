import type { Part } from "./part.ts";

/** What the demo's people may rotate: one target for each part. Times are seconds, so that one can watch. */
export function demoCatalog(parts: readonly Part[]): string {
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
    connections: Object.assign({}, ...parts.map(({ connections }) => connections)),
    targets: parts.map(({ secret, environment, target }) => ({
      secret,
      environment,
      policy: "demo",
      owner: "@platform",
      contacts: "#platform-support",
      ...target,
      checks: [
        ...target.checks,
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
