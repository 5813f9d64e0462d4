import { compose } from "../core/algebra.ts";
import { composeBlind, isBlind } from "../core/blind.ts";
import { discover } from "../core/desk/discover.ts";
import { type Draft, draftOf } from "../core/desk/make-plan.ts";
import { openAdapters } from "../core/open.ts";
import type { Finding } from "../core/ports.ts";
import { survey } from "../core/survey.ts";
import { targetName } from "../core/target.ts";
import { count, findings, line } from "./output.ts";
import { type Found, findTarget } from "./target.ts";

/** `keyturn plan SECRET ENVIRONMENT [--live]`: the runbook of a target. Without --live no connection is opened. 1: the live look found an error. */
export async function plan(args: readonly string[]): Promise<number> {
  const found = await findTarget("plan", args, ["--live"]);
  const { target, kinds, flags } = found;
  const live = flags.has("--live");
  const asked = live ? await discover(kinds, target, found.context) : undefined;
  const draft = draftOf(kinds, target, asked?.found);
  const seen = live ? await look(found, draft, asked?.findings ?? []) : undefined;
  const { rotator } = draft;
  line(`${targetName(target)}: ${rotator.kind}, overlap ${rotator.overlap}, policy ${target.policy}`);
  line(`  how: ${rotator.words.issue}`);
  line(`  end: ${rotator.words.retire}`);
  line(`  proof: ${rotator.words.proof}`);
  if (rotator.words.cut !== undefined) {
    line(`  CUT: ${rotator.words.cut}`);
  }
  showSteps(draft, seen?.present);
  showPlaces(draft);
  if (seen === undefined) {
    line("nothing was looked at; --live looks at the real systems and changes nothing");
    return 0;
  }
  return showLook(seen);
}

type Look = Awaited<ReturnType<typeof look>>;

async function look({ kinds, context }: Found, draft: Draft, before: readonly Finding[]) {
  const open = openAdapters(kinds, draft, context);
  try {
    const seen = await survey(open, draft, new Date().toISOString());
    return { ...seen, findings: [...before, ...seen.findings] };
  } finally {
    await open.close();
  }
}

function showSteps(draft: Draft, present: Look["present"] | undefined): void {
  const assumed = present === undefined || present === "unknown" ? "works" : present;
  const answers = { ...draft.rotator, present: assumed, byHand: draft.byHand !== undefined };
  const isUnread = draft.publishes.every(({ readable }) => readable === false);
  const blind = present === undefined ? isUnread : isBlind(draft, present);
  const { steps, back, pointOfNoReturn } = blind ? composeBlind(answers) : compose(answers);
  line("steps:");
  steps.forEach(({ id, title }, index) =>
    line(`${String(index + 1).padStart(4)}. ${title}${id === pointOfNoReturn ? "   <- point of no return" : ""}`),
  );
  line(back.length === 0 ? "there is no way back" : "the way back, for what was begun:");
  back.forEach(({ title }) => line(`    - ${title}`));
}

function showPlaces({ publishes, consumers, checks }: Draft): void {
  line("published to:");
  publishes.forEach(({ label, values }) => line(`    - ${label}: ${Object.keys(values).join(", ")}`));
  line("consumers:");
  if (consumers === "live") {
    line("    - none is restarted: they see a change by themselves");
  } else {
    consumers.forEach(({ label }) => line(`    - ${label}`));
  }
  line(checks.length === 0 ? "checks: none besides the login" : "checks:");
  checks.forEach(({ label }) => line(`    - ${label}`));
}

function showLook({ present, findings: all }: Look): number {
  const errors = all.filter(({ severity }) => severity === "error").length;
  const warnings = all.filter(({ severity }) => severity === "warning").length;
  line("");
  line(`the current credential: ${present}`);
  findings(all);
  line(
    errors > 0
      ? `${count(errors, "error")}, ${count(warnings, "warning")}: a request would be refused`
      : `no error, ${count(warnings, "warning")}: it can be requested`,
  );
  return errors > 0 ? 1 : 0;
}
