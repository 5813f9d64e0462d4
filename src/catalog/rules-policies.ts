import type { Mistake } from "./problem.ts";
import { entriesAt, listAt, member, textAt } from "./raw.ts";

/** Every policy needs two different people besides the requester, and groups that can give them. */
export function policyRules(catalog: unknown): readonly Mistake[] {
  return entriesAt(catalog, "policies").flatMap(([name, policy]) => {
    const lines = listAt(policy, "approvals");
    const needed = lines.map((line) => member(line, "min"));
    const people = needed.reduce<number>(
      (sum, min) => sum + (typeof min === "number" && min > 0 ? min : Number.NaN),
      0,
    );
    const mistakes: Mistake[] = [];
    if (people === 1 && member(policy, "production") !== false) {
      mistakes.push({
        path: ["policies", name, "approvals"],
        at: "key",
        found: "one person",
        sentence: "one person besides the requester could decide alone",
        hint: "ask for a second person, or say production: false",
      });
    }
    for (const [index, line] of lines.entries()) {
      const group = textAt(line, "from") ?? "";
      const listed = member(catalog, "groups", group);
      const min = needed[index];
      if (Array.isArray(listed) && listed.length > 0 && typeof min === "number" && new Set(listed).size < min) {
        mistakes.push({
          path: ["policies", name, "approvals", index, "min"],
          found: String(min),
          sentence: `${group} has only ${new Set(listed).size} people`,
          hint: "lower min, or add people to the group",
        });
      }
    }
    return mistakes;
  });
}
