/**
 * What a role's comment says about its password. `generation` is the rotation that set it, "unmarked" before the first one.
 * PostgreSQL compares and changes it in the transaction that changes the role, so it names the password that is really set.
 */
export type Mark = {
  readonly generation: string;
  readonly state: "live" | "disabled" | "revoked" /** the rest of the comment, written by others */;
  readonly text: string;
};

export const unmarked = "unmarked";

const pattern = /(?:^|\s)\[keyturn:(?<generation>[^:\]\s]+)(?::(?<state>disabled|revoked))?\]$/;

/** Reads the mark at the end of a role's comment; what stands before it is kept. */
export function readMark(comment: string | null): Mark {
  const found = pattern.exec(comment ?? "");
  const state = found?.groups?.["state"];
  return {
    generation: found?.groups?.["generation"] ?? unmarked,
    state: state === "disabled" || state === "revoked" ? state : "live",
    text: found === null ? (comment ?? "") : (comment ?? "").slice(0, found.index),
  };
}

/** The comment that carries the mark; null removes the comment. */
export function writeMark(mark: Mark): string | null {
  if (mark.generation === unmarked && mark.state === "live") return mark.text === "" ? null : mark.text;
  const state = mark.state === "live" ? "" : `:${mark.state}`;
  return `${mark.text === "" ? "" : `${mark.text} `}[keyturn:${mark.generation}${state}]`;
}
