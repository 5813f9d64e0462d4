import { z } from "zod";
import { GiveUp, type KeyturnError, LostRace, TryLater } from "../../core/errors.ts";
import type { Answer } from "./http.ts";
import { type Resource, rightsHint, wordsOf } from "./resource.ts";

/** What the API server says when it does not do it. Its `message` may quote values of an object, so it is never shown. */
export const Status = z.object({
  kind: z.literal("Status"),
  apiVersion: z.literal("v1"),
  status: z.string().optional(),
  reason: z.string().default(""),
  message: z.string().default(""),
  details: z
    .object({
      kind: z.string().optional(),
      causes: z.array(z.object({ reason: z.string().default(""), field: z.string().default("") })).default([]),
      retryAfterSeconds: z.number().optional(),
    })
    .default({ causes: [] }),
});
export type Status = z.infer<typeof Status>;

/** The status object in an answer; undefined where there is none (an application's own answer through a proxy). */
export function statusIn(body: string): Status | undefined {
  try {
    return Status.safeParse(JSON.parse(body)).data;
  } catch {
    return undefined;
  }
}

/**
 * The error that an answer stands for: 409 is a lost race, 401 and 403 name the right that is missing, 429 and 5xx pass by.
 * Of the answer itself only the reason, the paths of fields and the status go into it.
 */
export function refusalOf(answer: Answer, verb: string, of: Resource): KeyturnError {
  const status = statusIn(answer.body);
  const what = `${verb} ${wordsOf(of)}`;
  const why = [status === undefined ? "" : safe(status.reason), ...fieldsOf(status)]
    .filter((part) => part !== "")
    .join(", ");
  const said = `${answer.status}${why === "" ? "" : ` ${why}`}`;
  const hint = rightsHint(["exec", "forward"].includes(verb) ? ["get", "create"] : [verb], of);
  switch (answer.status) {
    case 401:
      return new GiveUp("kubernetes_unauthorized", `the Kubernetes API does not accept Keyturn's login (${what})`, {
        hint: "renew the token or certificate of the kubeconfig's user, or the service account",
      });
    case 403:
      return (
        deniedBy(status, what) ?? new GiveUp("kubernetes_forbidden", `Keyturn may not ${what} (${said})`, { hint })
      );
    case 404:
      return new GiveUp("kubernetes_not_found", `there is no ${wordsOf(of)}`);
    case 409:
      return new LostRace(`${wordsOf(of)} is not as it was when it was read (${said})`);
    case 422:
      return (
        deniedBy(status, what) ??
        new GiveUp("kubernetes_invalid", `the Kubernetes API finds this invalid: ${what} (${said})`)
      );
    default:
      break;
  }
  if (answer.status === 410 || answer.status === 429 || answer.status >= 500) {
    const afterMs = retryAfterMs(answer, status);
    const options = afterMs === undefined ? {} : { afterMs };
    return new TryLater("kubernetes_busy", `the Kubernetes API cannot do it now: ${what} (${said})`, options);
  }
  return new GiveUp("kubernetes_refused", `the Kubernetes API refused: ${what} (${said})`);
}

/** Admission answers 403 and 422 too; no role mends that. Of its words only the name of the webhook or policy is told. */
function deniedBy(status: Status | undefined, what: string): GiveUp | undefined {
  const said = /admission webhook "([\w.-]+)" denied|ValidatingAdmissionPolicy '([\w.-]+)'|(exceeded quota)/.exec(
    status?.message ?? "",
  );
  if (said === null) return undefined;
  const who =
    said[1] === undefined ? (said[2] === undefined ? "a quota" : `the policy ${said[2]}`) : `the webhook ${said[1]}`;
  return new GiveUp("kubernetes_denied", `admission control does not let Keyturn ${what}: ${who} denied it`, {
    hint: "try the same patch with `kubectl patch --dry-run=server` to see its own words",
  });
}

function retryAfterMs({ headers }: Answer, status: Status | undefined): number | undefined {
  const seconds = Number(headers.get("retry-after") ?? status?.details.retryAfterSeconds);
  return Number.isFinite(seconds) && seconds > 0 ? seconds * 1_000 : undefined;
}

function fieldsOf(status: Status | undefined): readonly string[] {
  const fields = (status?.details.causes ?? []).map(({ field, reason }) => `${safe(field)} ${safe(reason)}`.trim());
  return fields.filter((field) => field !== "").slice(0, 5);
}

/** Reasons are words and fields are paths; whatever else stands there is not repeated. */
function safe(text: string): string {
  return /^[\w.[\]()/-]{1,120}$/.test(text) ? text : "";
}
