import type { Asker } from "../probes/request.ts";
import type { Config } from "./config.ts";

/** What every method of an open issuer works with. */
export type Scope = { readonly config: Config; readonly asker: Asker };
