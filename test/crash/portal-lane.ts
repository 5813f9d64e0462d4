import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openControl } from "../../sandbox/world/control.ts";
import { noteStart } from "../../sandbox/world/started.ts";
import { Secret } from "../../src/core/secret.ts";
import { Config } from "../../src/rotators/handed-in-key/config.ts";
import { credentialOf } from "../../src/rotators/handed-in-key/credential.ts";
import { startPortal } from "../rotators/handed-in-key/portal.ts";
import { freshDatabase } from "../servers/fresh-database.ts";
import { startHttpProxy } from "../servers/http-proxy.ts";
import type { AnyLane, PortalMode } from "./lane.ts";
import { newPlace, openWorkers, type QueueKind } from "./lane-workers.ts";
import { leaked } from "./leak-search.ts";
import { catalogText, rotatorOf } from "./portal-catalog.ts";
import { acceptedAtPortal } from "./portal-invariant.ts";
import { startPerson } from "./portal-person.ts";
import { type Pair, pairIn, pairVariables, present, startPortalShop } from "./portal-shop.ts";

const leaseMs = 2_500;
const first = { key: "first-key", secret: "first-secret-0123456789" };

/**
 * An application that calls somebody's service with a pair, of which only a person can make another one and revoke the old one. Points
 * on the wire are the requests by which Keyturn tries a pair; what the application asks goes another way.
 */
export async function openPortalLane(mode: PortalMode, queue: QueueKind): Promise<AnyLane> {
  const database = await freshDatabase();
  const folder = await mkdtemp(join(tmpdir(), "keyturn-crash-"));
  const envFile = join(folder, ".env");
  await writeFile(envFile, `# kept\n${lineOf("key", first)}${lineOf("secret", first)}OTHER=stays # as it is\n`);
  const portal = await startPortal([[first.key, first.secret]]);
  const { origin, pathname } = new URL(portal.url);
  const proxy = await startHttpProxy([{ id: "portal", url: origin }]);
  const shop = await startPortalShop({ folder, envFile, url: portal.url });
  const restarts: Record<string, number> = Object.fromEntries(shop.instances.map(({ id }) => [id, 0]));
  let reloadHook: (when: "before" | "after", instance: string) => Promise<void> = () => Promise.resolve();
  for (const { id } of shop.instances) await noteStart(folder, id, shop.started(id));
  const door = await openControl(async (id) => {
    await reloadHook("before", id);
    restarts[id] = (restarts[id] ?? 0) + 1;
    const at = await shop.restart(id);
    await noteStart(folder, id, at);
    await reloadHook("after", id);
    return at;
  });
  const rotator = rotatorOf(`${proxy.urlOf("portal")}${pathname}`);
  const workers = await openWorkers(
    database,
    {
      databaseUrl: database.url,
      folder,
      catalog: catalogText({ rotator, envFile, folder, shop, door }),
      references: {},
      leaseMs,
      place: await newPlace(queue, database),
    },
    { pageUrl: "https://keyturn.example" },
  );
  const { stage } = workers;
  const person = startPerson(stage, portal.pairs);
  const said: string[] = [];
  const read = (): Promise<string> => readFile(envFile, "utf8");
  const idOf = ({ key, secret }: Pair): Promise<string> =>
    credentialOf(Config.parse(rotator), {
      public: { consumer_key: key },
      secret: { consumer_secret: new Secret(secret) },
    }).then(({ ref }) => ref.generation);
  return {
    mode,
    queue,
    target: {
      overlap: "dual",
      turnAfter: "recheck",
      names: [],
      ids: { inValue: (text) => idOf(pairIn(text)), inRef: ({ generation }) => generation },
      look: async () => {
        const live = await Promise.all([...portal.pairs].map(([key, secret]) => idOf({ key, secret })));
        return { live, passwords: live.length };
      },
      accepts: async (text) => (await present(portal.url, pairIn(text))) === 200,
    },
    stage: {
      ...stage,
      approved: async (input) => {
        const rotationId = await stage.approved(input);
        person.serve(rotationId);
        return rotationId;
      },
    },
    database,
    leaseMs,
    worker: (stops, onPoint, step) =>
      workers.worker(
        stops,
        (line) => {
          said.push(line);
          onPoint(line);
        },
        step,
      ),
    wire: proxy,
    stored: { read, urlIn, restOf },
    restarts: () => Promise.resolve({ ...restarts }),
    extraPerKill: 1,
    refused: () => Promise.resolve(shop.refused()),
    invariant: acceptedAtPortal(portal.pairs, shop, read),
    alsoJudged: async () => [
      ...person.troubles(),
      ...(await leaked({
        secrets: person.brought().map(({ secret }) => secret),
        known: person.brought().at(-1)?.key ?? first.key,
        database,
        folder,
        published: { file: envFile, secret: pairIn(await read()).secret },
        said,
      })),
    ],
    onReload: (hook) => {
      reloadHook = hook;
    },
    close: async () => {
      await person.close();
      await workers.close();
      await shop.close();
      door.close();
      await proxy[Symbol.asyncDispose]();
      await portal.close();
      await rm(folder, { recursive: true, force: true });
      await database[Symbol.asyncDispose]();
    },
  };
}

/** Both lines of the pair, without the quotes that a value may come to stand in. */
function urlIn(text: string): string {
  const pair = pairIn(text);
  return `${lineOf("key", pair)}${lineOf("secret", pair)}`;
}

function lineOf(half: keyof Pair, pair: Pair): string {
  return `${pairVariables[half]}=${pair[half]}\n`;
}

/** The file without these two lines. */
function restOf(text: string): string {
  return text.replaceAll(new RegExp(`^(${pairVariables.key}|${pairVariables.secret})=.*$`, "gm"), "$1");
}
