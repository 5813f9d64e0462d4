import { GiveUp, type KeyturnError, LostRace, TryLater } from "../../core/errors.ts";

/**
 * What a status means that is no success. `what`: method and path as the catalog has them. An answer's body is never looked at
 * or shown: some services send back what they were given (Superset does).
 */
export function refusalOf(status: number, host: string, what: string): KeyturnError {
  if (status === 412) {
    return new LostRace(`${host} answers ${what} with ${status}: somebody else changed it meanwhile`);
  }
  if (status === 409) {
    return new LostRace(
      `${host} answers ${what} with ${status}: somebody else changed it meanwhile, or it refuses it`,
      {
        hint: "if nobody else writes there it is no race: the application has a reason of its own for this answer, look into its log",
      },
    );
  }
  if (status === 408 || status === 425 || status === 429 || status >= 500) {
    return new TryLater("api_busy", `${host} answers ${what} with ${status}`);
  }
  if (status >= 300 && status < 400) {
    return new GiveUp("api_redirects", `${host} answers ${what} with a redirect (${status}), which is not followed`, {
      hint: "write the address where it leads to, or look whether a login page stands in front of the API",
    });
  }
  if (status === 400 || status === 422) {
    return new GiveUp("value_refused", `${host} refuses what ${what} sends (${status})`, {
      hint: "its rules for values (length, characters, reuse) may be stricter than this target's; its answer is not shown, because it may hold the value",
    });
  }
  if (status === 403) {
    return new GiveUp("api_no_right", `${host} does not let Keyturn's user do ${what} (403)`, {
      hint: "give that user this right and no other",
    });
  }
  if (status === 404 || status === 405) {
    return new GiveUp("api_missing", `${host} has no ${what} (${status})`, {
      hint: "compare the path with the API's documentation; some answer only when a setting turns them on (Superset: FAB_ADD_SECURITY_API)",
    });
  }
  return new GiveUp("api_unclear", `${host} answers ${what} with ${status}, which is no success`, {
    hint: "add the status to `success` if it is one",
  });
}
