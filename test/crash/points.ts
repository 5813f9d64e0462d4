/** What changes something that others can see, or says that it will: for these, before and after are two different worlds. */
const changing =
  /^(before|after) (append (captured|proposed|intended|outcome|turned_back|ended)|publish|reload|COMMIT|ACL (SETUSER|SAVE|DELUSER)|CONFIG (SET|REWRITE)|CLIENT KILL|PATCH \S+ \(|PUT \/|(CREATE|DELETE) secrets\S* @)/;

/**
 * Each point once. Immediately after one is the same world as immediately before the next, so one of the two is enough:
 * before a command that only looks, and before or after an append in turn. Where something changes, both.
 */
export function oncePerPoint(points: readonly string[]): readonly string[] {
  return points.filter((point) => {
    const [when = "", ...rest] = point.split(" ");
    if (changing.test(point) || (when !== "before" && when !== "after")) return true;
    const after = rest[0] === "append" && rest.join(" ").length % 2 === 1;
    return (when === "after") === after;
  });
}

/** Whether immediately before and immediately after it are two different worlds. */
export function changes(point: string): boolean {
  return changing.test(point);
}

/** Whether a point is a command on the wire that changes nothing. */
export function looksOnly(point: string): boolean {
  return /^(before|after) (?!append )/.test(point) && !changing.test(point);
}

/**
 * Whether at a point a store or a consumer is looked at or changed, or was, or is about to be: of two points at which the world is the
 * same, such as immediately before a publish and immediately after its intent is durable, one.
 */
export function atTheApplication(point: string): boolean {
  return /^((before|after) (?!append )|before append outcome (back-)?rollout|after append intended (back-)?rollout)/.test(
    point,
  );
}

/**
 * Without appends at which the world is the same as at the publish or the reload beside them: immediately after its intent is durable,
 * and immediately before its outcome is.
 */
export function leanly(points: readonly string[]): readonly string[] {
  const beside = /^(store guarded|(after append intended|before append outcome) (back-)?(publish|rollout))/;
  return points.filter((point) => !beside.test(point));
}

/** Points that belong to the way back; everything before it is the same as on the way forward. */
export function sinceTurn(points: readonly string[]): readonly string[] {
  const turn = points.findIndex((point) => point === "before append turned_back");
  return turn === -1 ? [] : points.slice(turn);
}

/** Deals points to rotations so that kills within one rotation lie far apart. */
export function deal(points: readonly string[], perRotation: number): readonly (readonly string[])[] {
  const rotations = Math.ceil(points.length / perRotation);
  return Array.from({ length: rotations }, (_, index) => points.filter((_point, at) => at % rotations === index));
}
