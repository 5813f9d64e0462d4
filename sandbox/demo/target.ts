/** One rotatable thing of the demo: a server, what stands in the application's `.env`, and how the catalog describes it. */
export type Issuer = {
  readonly kind: "postgres" | "redis";
  /** Key in the application's `.env`. */
  readonly variable: string;
  /** The value that the application starts with. */
  readonly firstUrl: string;
  readonly template: string;
  /** The `rotator:` entry of the catalog. */
  readonly rotator: Readonly<Record<string, unknown>>;
  /** Value of the reference `env:DEMO_ADMIN_<KIND>`. */
  readonly adminPassword: string;
  /** Changes the password the naive way, in place; returns the URL that works now. */
  readonly cut: () => Promise<string>;
  readonly stop: () => Promise<void>;
};
