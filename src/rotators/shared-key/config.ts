import { z } from "zod";
import { Duration } from "../../core/duration.ts";
import { JsonPath } from "../../core/json-path.ts";
import {
  acceptProbe,
  connection,
  Headers,
  listed,
  Method,
  namesOf,
  onePlace,
  places,
  podPlaces,
  Statuses,
} from "../probes/config.ts";
import { Bytes, Encoding } from "../probes/random-text.ts";

const Send = z
  .strictObject({
    ...places,
    ...podPlaces,
    method: Method.default("POST"),
    headers: Headers.default({}),
    body: z
      .union([z.string(), z.record(z.string(), z.json())])
      .exactOptional()
      .describe("an object is sent as JSON"),
    works: Statuses.default(200).describe("how the sender answers when the service that it called let it in"),
    refused: Statuses.default([401, 403, 502]).describe("how it answers when that service refused it"),
    status: JsonPath.exactOptional().describe(
      "where its answer has the status that the service gave, if it is not its own",
    ),
    shows: JsonPath.exactOptional().describe(
      "where its answer has the SHA-256 of the key it sends, in hex, at least the first 8 digits",
    ),
  })
  .superRefine((probe, context) => {
    onePlace(probe, (path, message) => context.addIssue({ code: "custom", path: [path], message }));
    if (listed(probe.works).some((status) => listed(probe.refused).includes(status))) {
      context.addIssue({ code: "custom", path: ["refused"], message: "a status cannot mean both" });
    }
  });
export type Send = z.infer<typeof Send>;

/** The `rotator:` entry of a `shared-key` target. */
export const Config = z.strictObject({
  kind: z.literal("shared-key"),
  name: z.string().min(1).exactOptional().describe("what people call this key; default: the addresses that accept it"),
  mode: z
    .enum(["previous", "single"])
    .default("previous")
    .describe(
      "previous: receivers accept a second variable. single: one key only, and calls are refused while services restart",
    ),
  encoding: Encoding.default("base64").describe("how the new key is written"),
  bytes: Bytes.default(32).describe("random bytes of the new key"),
  inFlight: Duration.default(60_000).describe("previous: how long a call may be on its way or wait to be tried again"),
  restart: Duration.default(180_000).describe(
    "single: the longest time from the first restart until the last one is done; people read it before they approve",
  ),
  accept: z
    .array(acceptProbe("key", { "x-api-key": "{{key}}" }))
    .min(1)
    .describe("every receiving instance, asked for something that only the key lets in and that changes nothing"),
  send: z
    .array(Send)
    .default([])
    .describe("how each sender shows what it sends: an address that makes it call a receiver"),
  timeout: Duration.default(5_000),
  connection,
});
export type Config = z.infer<typeof Config>;

/** What the key is called in sentences and locks. */
export function nameOf({ name, accept }: Config): string {
  return name ?? [...new Set(accept.flatMap(namesOf))].join(", ");
}
