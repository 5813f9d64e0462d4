import { isBlind } from "./blind.ts";
import type { Credential } from "./credential.ts";
import { explain, LeaseLost, TryLater } from "./errors.ts";
import type { Present } from "./events.ts";
import type { Cause, Plan } from "./plan.ts";
import type { CheckScope, Finding, Json, Listed, Reading } from "./ports.ts";
import { standbyDown } from "./standby.ts";
import type { Open } from "./step.ts";
import { fillText } from "./templates/fill.ts";
import { acceptedAlready, readAll } from "./values.ts";

/** What preflight saw. `red`: labels of checks that are red before anything was done. */
export type Survey = {
  readonly present: Present;
  readonly current: Credential | undefined;
  readonly listed: readonly Listed[];
  readonly readings: readonly Reading[];
  readonly baselines: readonly Json[];
  readonly red: readonly string[];
  /** Keys that hold something accepted which the rotation may give up. */
  readonly released: readonly string[];
  readonly findings: readonly Finding[];
};

/** `cause`: why it is asked for, where that is known already; what only a leaked one may risk is an error without it. */
type Surveyed = Pick<Plan, "publishes" | "rotator" | "consumers" | "checks" | "standby" | "alphabet"> & {
  readonly cause?: Cause;
};

/** Keys of the accepted slot that may hold something already: those that were approved by name, or whichever there are. */
export type Releases = "all" | readonly string[];

/**
 * Looks at everything a rotation would touch, and changes nothing. All looks are made even when one fails, so that every
 * problem is known at once. Throws only when the lease is lost; what could not be looked at is an error finding.
 */
export async function survey(open: Open, plan: Surveyed, now: string, releases: Releases = []): Promise<Survey> {
  const findings: Finding[] = [];
  const readings: Reading[] = [];
  await collect(findings, "stores", async () => {
    for (const [index, store] of (await open.stores()).entries()) {
      const keys = Object.keys(plan.publishes[index]?.values ?? {});
      findings.push(...(await store.preflight(keys)));
      readings.push(await store.read(keys));
    }
  });
  let current: Credential | undefined;
  let present: Present = "unknown";
  let listed: readonly Listed[] = [];
  const taken = acceptedAlready(
    plan,
    readings.map(({ values }) => values),
  );
  findings.push(...takenFindings(taken, releases));
  await collect(findings, "issuer", async () => {
    const issuer = await open.issuer();
    if (readings.length === plan.publishes.length) {
      ({ current, present } = await identify(open, plan, readings, findings));
    }
    findings.push(...(await issuer.preflight(current, plan.alphabet)));
    listed = await issuer.list();
  });
  await collect(findings, "consumers", async () => {
    for (const [index, consumer] of (await open.consumers()).entries()) {
      findings.push(...(await consumer.preflight()));
      if ((await consumer.units()).length === 0) {
        const label = plan.consumers === "live" ? "live" : (plan.consumers[index]?.label ?? "");
        findings.push({
          severity: "error",
          code: "zero_consumers",
          sentence: `${label} has no instance`,
          hint: "zero instances are never taken for settled",
        });
      }
    }
  });
  const { baselines, red } = await baselinesOf(open, plan, current, now, findings);
  findings.push(...(await standbyDown(open, plan, now)).map(standbyFinding));
  return { present, current, listed, readings, baselines, red, released: taken, findings: distinct(findings) };
}

/** Not an error: it may be up when it counts, and a leaked credential goes without. */
function standbyFinding(sentence: string): Finding {
  return {
    severity: "warning",
    code: "standby_down",
    sentence: `who is to carry the load meanwhile is not up: ${sentence}`,
    hint: "no step that moves anything begins until it is; only a leaked credential does not wait for it",
  };
}

/** The accepted slot is empty, or people give up by name what stands there: it may be the key of tokens that still live. */
function takenFindings(taken: readonly string[], releases: Releases): readonly Finding[] {
  const given = releases === "all" ? taken : taken.filter((key) => releases.includes(key));
  const kept = taken.filter((key) => !given.includes(key));
  return [
    ...(kept.length === 0 ? [] : [notEmpty(kept)]),
    ...(given.length === 0
      ? []
      : [
          {
            severity: "warning" as const,
            code: "accepted_released",
            sentence: `what is accepted beside the current credential is given up: ${given.join("; ")}; whoever still uses it is refused from the first publish on`,
            hint: "whoever approves accepts this; the way back brings it back",
          },
        ]),
  ];
}

function notEmpty(keys: readonly string[]): Finding {
  return {
    severity: "error",
    code: "accepted_not_empty",
    sentence: `something is accepted beside the current credential already: ${keys.join("; ")}`,
    hint: "end the rotation that put it there; once nobody uses it, remove these keys and restart the consumers, or ask again with the word release: then people approve by name that it is given up",
  };
}

/** Several consumers may see the same: it is said once. */
function distinct(findings: readonly Finding[]): readonly Finding[] {
  const seen = new Set<string>();
  return findings.filter((finding) => {
    const text = JSON.stringify(finding);
    const isFirst = !seen.has(text);
    seen.add(text);
    return isFirst;
  });
}

async function identify(
  open: Open,
  plan: Surveyed,
  readings: readonly Reading[],
  findings: Finding[],
): Promise<{ present: Present; current: Credential | undefined }> {
  const fields = readAll(
    plan,
    readings.map(({ values }) => values),
  );
  if (fields === undefined && isBlind(plan, "unknown")) {
    findings.push({
      severity: "warning",
      code: "no_way_back",
      sentence:
        "what is in use now cannot be read, so there is no way back after publish: a failure stops and says what is live",
      hint: "to have one, publish to a store that can be read too (mirror: true for a copy that only Keyturn reads), and put the value in use there first",
    });
    return { present: "unknown", current: undefined };
  }
  if (fields === undefined) {
    findings.push({
      severity: "info",
      code: "first_rotation",
      sentence: "no store holds a credential yet: nothing will be retired, and the way back removes our keys",
    });
    return { present: "none", current: undefined };
  }
  if ("mismatch" in fields) {
    findings.push({
      severity: "error",
      code: "current_unknown",
      sentence: `the current credential cannot be read back: ${fields.mismatch}`,
      hint: "make the stores agree with the templates, then ask again",
    });
    return { present: "unknown", current: undefined };
  }
  const issuer = await open.issuer();
  const current = await issuer.identify(fields);
  const trial = await issuer.test(current);
  if (trial.verdict === "unknown") {
    findings.push({
      severity: "error",
      code: "current_unknown",
      sentence: `it cannot be told whether the current credential works: ${trial.sentence}`,
    });
    return { present: "unknown", current };
  }
  if (trial.verdict === "refused") {
    findings.push(brokenFinding(plan, trial.code));
    return { present: "broken", current };
  }
  return { present: "works", current };
}

/**
 * With accept-first the applications are the judges: when all refuse what the stores hold, they run on something else, which the
 * first roll-out would make them forget one by one, each refusing what the others make. A restart costs the same, so only a
 * leaked one goes on: nothing that people can do first would be quicker.
 */
function brokenFinding({ rotator: { overlap }, cause }: Surveyed, refused: string): Finding {
  if (overlap !== "accept-first") {
    return {
      severity: "warning",
      code: "current_broken",
      sentence: `the current credential is refused (${refused}): a failure will hold instead of going back`,
    };
  }
  const seen = `no instance accepts what the stores hold (${refused}), so all run on something else, and the first roll-out would make them refuse one another`;
  const hint =
    "put back what they run on, or restart them onto what the stores hold, then ask again; where they run on it already, the catalog asks them in a way that they refuse";
  return cause === "leaked"
    ? {
        severity: "warning",
        code: "runs_on_another",
        sentence: `${seen}; it leaked, so it goes on all the same, and a failure will hold instead of going back`,
        hint,
      }
    : { severity: "error", code: "runs_on_another", sentence: seen, hint };
}

async function baselinesOf(
  open: Open,
  plan: Surveyed,
  current: Credential | undefined,
  now: string,
  findings: Finding[],
): Promise<{ baselines: readonly Json[]; red: readonly string[] }> {
  const baselines: Json[] = [];
  const red: string[] = [];
  await collect(findings, "checks", async () => {
    const checks = await open.checks();
    const consumers = await open.consumers();
    const issuer = await open.issuer();
    const scope: CheckScope = {
      expected: undefined,
      consumers,
      since: now,
      now,
      login: () =>
        current === undefined ? Promise.resolve({ verdict: "refused", code: "no_credential" }) : issuer.test(current),
      resolve: (text) => fillText(text, current, open.resolve),
    };
    for (const [index, check] of checks.entries()) {
      const label = plan.checks[index]?.label ?? `check ${String(index)}`;
      await collect(findings, label, async () => {
        const baseline = await check.baseline(scope);
        baselines[index] = baseline;
        const verdict = await check.run(baseline, scope);
        if (!verdict.ok) {
          red.push(label);
          findings.push({
            severity: "warning",
            code: "red_before",
            sentence: `${label} is red before we began: ${verdict.summary}`,
            hint: "whoever approves accepts this; later it must be no worse",
          });
        }
      });
    }
  });
  return { baselines, red };
}

/** A look that fails becomes a finding: "could not look" is never "fine". */
async function collect(findings: Finding[], what: string, look: () => Promise<void>): Promise<void> {
  try {
    await look();
  } catch (error) {
    if (error instanceof LeaseLost) {
      throw error;
    }
    const { code, sentence, hint } = explain(error);
    findings.push({
      severity: "error",
      code,
      sentence: `${what}: ${sentence}`,
      ...(hint === undefined ? {} : { hint }),
      ...(error instanceof TryLater ? { passing: true } : {}),
    });
  }
}
