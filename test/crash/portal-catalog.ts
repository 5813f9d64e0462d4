import { type Control } from "../../sandbox/world/control.ts";
import { startedCommand } from "../../sandbox/world/started.ts";
import { policies } from "./policies.ts";
import { type PortalShop, pairVariables } from "./portal-shop.ts";

/** The `rotator:` entry of such a pair. `url`: the service, as Keyturn reaches it. */
export function rotatorOf(url: string) {
  return {
    kind: "handed-in-key",
    name: "portal key",
    portal: "the portal",
    overlap: "dual",
    fields: { consumer_key: "public", consumer_secret: "secret" },
    test: [{ url, body: { key: "{{consumer_key}}", secret: "{{consumer_secret}}" } }],
    usableWithin: "0s",
    deadWithin: "0s",
  };
}

type Parts = {
  readonly rotator: object;
  readonly envFile: string;
  readonly folder: string;
  readonly shop: PortalShop;
  readonly door: Control;
};

/** JSON is YAML too. */
export function catalogText({ rotator, envFile, folder, shop, door }: Parts): string {
  return JSON.stringify({
    version: 1,
    demo: true,
    policies,
    targets: [
      {
        secret: "portal-key",
        environment: "test",
        policy: "test",
        owner: "@platform",
        rotator,
        publish: [
          {
            store: "env-file",
            file: envFile,
            values: { [pairVariables.key]: "{{consumer_key}}", [pairVariables.secret]: "{{consumer_secret}}" },
          },
        ],
        consumers: [
          {
            kind: "command",
            name: "shop",
            instances: shop.instances.map(({ id, url, logFile }) => ({
              id,
              reload: door.restartCommand(id),
              sees: { started: startedCommand(folder, id) },
              ready: { http: `${url}/health` },
              logs: logFile,
            })),
          },
        ],
        checks: [
          { kind: "logs", of: "consumers", pattern: "auth error", window: "10s", settle: "200ms" },
          ...shop.instances.map(({ url }) => ({
            kind: "http",
            url: `${url}/health`,
            expect: { status: 200 },
            settle: "200ms",
          })),
          { kind: "login" },
        ],
        grace: "200ms",
        graceMax: "1h",
        watch: "1s",
        notice: "0s",
      },
    ],
  });
}
