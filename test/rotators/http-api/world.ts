import { randomBytes } from "node:crypto";
import { Secret } from "../../../src/core/secret.ts";
import { baseAlphabet } from "../../../src/core/templates/alphabet.ts";
import { httpApi } from "../../../src/rotators/http-api/rotator.ts";
import type { RotatorWorld } from "../../contract/rotator-world.ts";
import { wireThroughHttp } from "../../contract/wire-http.ts";
import { firstPassword, type Superset } from "../../servers/superset.ts";
import { supersetEntry } from "./superset-entry.ts";

/** A user of its own on a shared Superset, and a stranger beside it; the administrator is there already. */
export async function makeWorld(superset: Superset, adminPassword: string): Promise<RotatorWorld> {
  const tag = randomBytes(4).toString("hex");
  const username = `embed_${tag}`;
  const password = firstPassword();
  const stranger = firstPassword();
  await superset.addUser(username, password, "Gamma");
  const id = await superset.addUser(`stranger_${tag}`, stranger, "Gamma");
  const front = await wireThroughHttp([superset.port]);
  const bound = httpApi.bind(supersetEntry(`http://127.0.0.1:${String(front.ports[0])}`, username));
  return {
    bound,
    resolve: () => Promise.resolve(new Secret(adminPassword)),
    current: { public: { username }, secret: { password: new Secret(password) } },
    foreign: { public: { username: `stranger_${tag}` }, secret: { password: new Secret(stranger) } },
    alphabet: baseAlphabet,
    canaries: [adminPassword, stranger],
    wire: front.wire,
    strangers: () => superset.shown(id),
    login: () => Promise.reject(new Error("a login leaves nothing open")),
    close: front.close,
  };
}
