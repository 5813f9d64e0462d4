/**
 * A world of services that sign and verify tokens, several instances each, restarted one by one. See `startTokenWorld`.
 *
 * Endpoints of each instance, and of each service's front (a load balancer that knows ready instances only):
 *
 *     POST /login {user, lifeMs?}            200 {token, instance, lifeMs}; signed with JWT_SECRET, or with JWT_PRIVATE_KEY
 *     GET  /me      Authorization: Bearer    200 {user, instance, keyId} or 401 {error}
 *     GET  /canary  Authorization: Bearer    the same; a refusal is no "auth error" in the log and in no count
 *     GET  /internal         X-API-Key       200 {instance, keyId} or 401 {error}
 *     GET  /internal-canary  X-API-Key       the same; a refusal is no "auth error" in the log and in no count
 *     POST /call {url}                       calls that URL (loopback) with its own X-API-Key: 200 {instance, keyId, status}
 *     GET  /.well-known/jwks.json            the union of JWKS and JWKS_PREVIOUS, with Cache-Control: max-age
 *     GET  /health                           200
 *     GET  /stats                            200 {instance, startedAt, requests, refused}
 *
 * `.env` of each service, read at start only: JWT_SECRET, JWT_SECRET_PREVIOUS (HS256); JWT_PRIVATE_KEY (PEM), JWKS and
 * JWKS_PREVIOUS (each a JWK or a set; RS256, ES256, EdDSA; of the first service only); INTERNAL_SERVICE_KEY,
 * INTERNAL_SERVICE_KEY_PREVIOUS. All names are configurable. `keyId`: first 8 hex digits of SHA-256 of the secret, or the `kid`
 * of the key pair. An instance without JWT_SECRET, or without JWT_PRIVATE_KEY where it signs, does not start.
 *
 * Beside it: `startTraffic` (token-traffic.ts), `plainTwoPhase`, `threePhase`, `publishThenSign` (token-rotations.ts),
 * `freshSecret`, `freshPair` (token-first-values.ts), `fingerprint` (token-keys.ts).
 *
 * A refusal is the log line "auth error: token refused: unknown key" (or: expired, not a token, none given; "service key refused").
 */
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { type Control, openControl } from "./control.ts";
import { type Changes, changeEnv, readEnv, writeEnv } from "./token-env.ts";
import { firstValues } from "./token-first-values.ts";
import type { Algorithm } from "./token-jwt.ts";
import { type ServiceSettings, startService, type TokenService } from "./token-service.ts";
import { Variables } from "./token-settings.ts";

export type TokenWorldOptions = {
  /** A folder that is there; each service gets one of its own in it. */
  readonly folder: string;
  /**
   * Instances of each service. While the only one restarts, requests wait up to 5 s for it, and one that it sends to its own
   * front meanwhile is answered with 503: with two or more none is lost.
   */
  readonly instances: number;
  /** One front and one `.env` each. Default: `api`; with key pairs `issuer`, which signs, and `api`, which verifies only. */
  readonly services?: readonly string[];
  /** Default: HS256. */
  readonly algorithm?: Algorithm;
  readonly variables?: Partial<Variables>;
  /** Ids (`api-1`) of instances that know nothing of the previous-variables. */
  readonly ignoresPrevious?: readonly string[];
  /** HS256: whether the header of tokens names the key. Default: no. */
  readonly tokenKid?: boolean;
  /** Default: 15 s. */
  readonly tokenLifeMs?: number;
  /** Key pairs: `max-age` of the key set, whole seconds, default 4 s; the clients' cool-down, default 30 s, as `jose` has it. */
  readonly keySetMaxAgeMs?: number;
  readonly coolDownMs?: number;
  /** Key pairs: clients keep the set this long whatever its `max-age` says, as `jose` does. Default: they obey it. */
  readonly keySetKeptMs?: number;
  /** Key pairs: where those who only verify read the set, by the address of the issuer's front. Default: there. */
  readonly keySetBehind?: (front: string) => string;
  /** Variables that every `.env` has at the start, instead of random ones. */
  readonly values?: Changes;
};

export type TokenWorld = {
  readonly services: readonly TokenService[];
  readonly algorithm: Algorithm;
  readonly variables: Variables;
  readonly tokenLifeMs: number;
  readonly keySetMaxAgeMs: number;
  /** The service whose tokens people use. */
  readonly issuer: TokenService;
  /** What stands in the `.env` of a service; default: the issuer's. */
  readonly values: (service?: string) => Promise<Readonly<Record<string, string>>>;
  /** Changes the `.env` of these services, default all, as a person with an editor would. */
  readonly rewrite: (changes: Changes, services?: readonly string[]) => Promise<void>;
  readonly restart: (id: string) => Promise<string>;
  /** Restarts every instance, one after the other, with a pause between two (default 400 ms) as roll-outs have it. */
  readonly roll: (pauseMs?: number) => Promise<void>;
  readonly restartCommand: (id: string) => readonly string[];
  readonly startedCommand: (id: string) => readonly string[];
  /** A `consumers:` entry of a catalog, kind `command`, for one service. */
  readonly consumer: (service?: string) => object;
  readonly stop: () => Promise<void>;
};

/** Starts everything on free loopback ports; resolves when every instance is healthy. */
export async function startTokenWorld(options: TokenWorldOptions): Promise<TokenWorld> {
  const { folder, algorithm = "HS256", tokenLifeMs = 15_000, keySetMaxAgeMs = 4_000 } = options;
  const variables = Variables.parse(options.variables ?? {});
  const services: TokenService[] = [];
  const stopServices = async (): Promise<void> => {
    await Promise.all(services.map(({ stop }) => stop()));
  };
  const first = firstValues(algorithm, variables);
  const names = options.services ?? (algorithm === "HS256" ? ["api"] : ["issuer", "api"]);
  try {
    for (const name of names) {
      const home = join(folder, name);
      const envFile = join(home, ".env");
      const issues = algorithm === "HS256" || services.length === 0;
      await mkdir(home);
      await writeEnv(envFile, { ...(issues ? first.issuer : {}), ...first.everybody, ...options.values });
      const settings: ServiceSettings = {
        envFile,
        algorithm,
        variables,
        issues,
        tokenKid: options.tokenKid ?? false,
        tokenLifeMs,
        keySetMaxAgeMs,
        coolDownMs: options.coolDownMs ?? 30_000,
        ...(options.keySetKeptMs === undefined ? {} : { keySetKeptMs: options.keySetKeptMs }),
      };
      const [issuer] = services;
      services.push(
        await startService({
          name,
          folder: home,
          instances: options.instances,
          settings,
          ignoresPrevious: (id) => options.ignoresPrevious?.includes(id) ?? false,
          ...(issuer === undefined
            ? {}
            : { keySetFront: options.keySetBehind?.(issuer.front.url) ?? issuer.front.url }),
        }),
      );
    }
    const control = await openControl((id) => having(services, id).restart(id));
    return { ...doors(services, control, stopServices), algorithm, variables, tokenLifeMs, keySetMaxAgeMs };
  } catch (error) {
    await stopServices();
    throw error;
  }
}

type Doors = Omit<TokenWorld, "algorithm" | "variables" | "tokenLifeMs" | "keySetMaxAgeMs">;

function doors(services: readonly TokenService[], control: Control, stopServices: () => Promise<void>): Doors {
  const issuer = called(services, services[0]?.name ?? "");
  const { restartCommand } = control;
  const startedCommand = (id: string): readonly string[] => having(services, id).startedCommand(id);
  return {
    services,
    issuer,
    values: (name = issuer.name) => readEnv(called(services, name).envFile),
    rewrite: async (changes, names = services.map(({ name }) => name)) => {
      for (const name of names) await changeEnv(called(services, name).envFile, changes);
    },
    restart: (id) => having(services, id).restart(id),
    roll: async (pauseMs = 400) => {
      for (const { instances, restart } of services) {
        for (const { id } of instances) {
          await restart(id);
          await new Promise((resolve) => setTimeout(resolve, pauseMs));
        }
      }
    },
    restartCommand,
    startedCommand,
    consumer: (name = issuer.name) => ({
      kind: "command",
      name,
      instances: called(services, name).instances.map(({ id, url, logFile }) => ({
        id,
        reload: restartCommand(id),
        sees: { started: startedCommand(id) },
        ready: { http: `${url}/health` },
        logs: logFile,
      })),
    }),
    stop: async () => {
      control.close();
      await stopServices();
    },
  };
}

function called(services: readonly TokenService[], name: string): TokenService {
  const found = services.find((service) => service.name === name);
  if (found === undefined) throw new Error(`there is no service ${name}`);
  return found;
}

function having(services: readonly TokenService[], id: string): TokenService {
  const found = services.find(({ instances }) => instances.some((instance) => instance.id === id));
  if (found === undefined) throw new Error(`there is no instance ${id}`);
  return found;
}
