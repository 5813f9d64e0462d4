import type { HttpProxy } from "../servers/http-proxy.ts";
import type { Application } from "./application.ts";
import type { AnyLane } from "./lane.ts";

/** One account of an application, as a lane rotates it: how it is told to the catalog, and how it is seen from outside. */
export type Account = {
  /** As the rotator calls it in fingerprints. */
  readonly kind: "generated" | "http-api";
  readonly rotator: object;
  readonly references: Readonly<Record<string, string>>;
  readonly values: Readonly<Record<string, string>>;
  /** The variable that holds the password. */
  readonly variable: string;
  readonly envFile: string;
  readonly application: Application;
  /** The way by which Keyturn reaches the account's server. */
  readonly proxy: HttpProxy;
  /** What the rotator takes a fingerprint of. */
  readonly named: (password: string) => string;
  /** Whether the password logs in, at every instance. */
  readonly accepts: (password: string) => Promise<boolean>;
  /** Before a reload is answered. */
  readonly restarted: () => Promise<void>;
  readonly refused: AnyLane["refused"];
  readonly refusals?: NonNullable<AnyLane["refusals"]>;
  readonly alsoJudged: NonNullable<AnyLane["alsoJudged"]>;
  readonly close: () => Promise<void>;
};
