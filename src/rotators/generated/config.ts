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
import { Policy } from "./policy.ts";

const Login = z
  .strictObject({
    ...places,
    ...podPlaces,
    method: Method.default("POST"),
    headers: Headers.default({}),
    body: z
      .union([z.string(), z.record(z.string(), z.json())])
      .default({ email: "{{email}}", password: "{{password}}" })
      .describe("{{email}} and {{password}} are filled in; an object is sent as JSON"),
    accepted: Statuses.default(200).describe("how it answers to a login that works"),
    refused: Statuses.default([401, 403]).describe("how it answers to one that does not; nothing else is a refusal"),
  })
  .superRefine((probe, context) => {
    const issue = (path: string, message: string): void => context.addIssue({ code: "custom", path: [path], message });
    onePlace(probe, issue);
    if (!JSON.stringify([probe.headers, probe.body]).includes("{{password}}")) {
      issue("body", "nothing of the request holds {{password}}: any answer would prove nothing");
    }
    if (listed(probe.accepted).some((status) => listed(probe.refused).includes(status))) {
      issue("refused", "a status cannot mean accepted and refused");
    }
  });

const Session = z.strictObject({
  token: JsonPath.default("$.token").describe("where the answer to a login has the token of the session"),
  accept: z
    .array(acceptProbe("session", { authorization: "Bearer {{session}}" }))
    .min(1)
    .describe("every instance, asked for something that only a session lets in and that changes nothing"),
});

/** The `rotator:` entry of a `generated` target. */
export const Config = z.strictObject({
  kind: z.literal("generated"),
  name: z
    .string()
    .min(1)
    .exactOptional()
    .describe("what people call this account; default: the addresses of its login"),
  email: z
    .email()
    .exactOptional()
    .describe("the account's email from now on; default: the one that the stores hold, which stays as it is"),
  policy: Policy.prefault({}).describe(
    "what the application asks of the password; it does not start with a weaker one",
  ),
  login: z.array(Login).min(1).describe("every instance, asked to log in"),
  session: Session.exactOptional().describe("how to see that sessions end with the old password"),
  appliedWithin: Duration.default(10_000).describe("how long after the roll-out the new password may still be refused"),
  deadWithin: Duration.default(10_000).describe("how long after it the old one may still be accepted"),
  timeout: Duration.default(10_000).describe("of one request"),
  connection,
});
export type Config = z.infer<typeof Config>;

/** What the account is called in sentences and locks. */
export function nameOf({ name, login }: Config): string {
  return name ?? [...new Set(login.flatMap(namesOf))].join(", ");
}
