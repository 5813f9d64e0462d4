import { aboutOf } from "../core/about.ts";
import { cutBegan, waitsForCut } from "../core/cut.ts";
import { isRetiring, mayTurnBack, retiringStep } from "../core/decide.ts";
import { type OverrideVerb, overrideDigest } from "../core/overrides.ts";
import type { PressVerb } from "../core/presses.ts";
import type { Rotation } from "../core/rotation.ts";
import { waitingStep } from "../core/waiting.ts";
import type { ButtonOf } from "./blocks.ts";
import { cut } from "./limits.ts";
import { lasting, targetOf } from "./words.ts";

/** The buttons that fit a rotation as it is, each with what it is about. A press is judged again when it arrives. */
export function controls(rotation: Rotation): readonly ButtonOf[] {
  if (rotation.phase === "ended") {
    return [viewPlan(rotation)];
  }
  if (rotation.phase === "pending") {
    return [viewPlan(rotation), press(rotation, "cancel", "Cancel request")];
  }
  const back = mayTurnBack(rotation, "person") ? [rollBack(rotation)] : [];
  if (rotation.block !== undefined) {
    return [
      about(press(rotation, "look_again", "Look again"), rotation, "look-again"),
      ...back,
      abandon(rotation),
      viewPlan(rotation),
    ];
  }
  if (rotation.direction === "back") {
    return [...asked(rotation), viewPlan(rotation)];
  }
  const hold =
    rotation.hold === undefined
      ? press(rotation, "hold", "Hold")
      : about(press(rotation, "resume", "Resume", "primary"), rotation, "resume");
  return [...asked(rotation), hold, ...back, ...graceControls(rotation), ...cutControls(rotation), viewPlan(rotation)];
}

/** What a person is waited for to bring: a value, or their word that it is done. */
function asked(rotation: Rotation): readonly ButtonOf[] {
  if (waitingStep(rotation, "collect") !== undefined) {
    return [press(rotation, "hand_in", "Hand in the new value", "primary")];
  }
  const step = waitingStep(rotation, "confirm");
  return step === undefined
    ? []
    : [
        about(
          {
            action: "confirm_done",
            label: "Confirm",
            value: { id: rotation.id, target: cut(`${targetOf(rotation.plan)}: ${step.title}`, 200) },
            style: "primary",
          },
          rotation,
          "confirm",
        ),
      ];
}

/** Whether the old credential may still get, or be refused, more time. */
function graceControls(rotation: Rotation): readonly ButtonOf[] {
  const ladder = retiringStep(rotation);
  const begun = rotation.plan.steps.some(({ id, kind }) => kind === "grace" && rotation.steps[id] !== undefined);
  if (!begun || ladder === undefined || rotation.steps[ladder.id] !== undefined || rotation.skipped.includes("grace")) {
    return [];
  }
  const retire = retireNow(rotation, "Grace, window and notice are skipped");
  const ms = Math.max(rotation.plan.graceMs, 60_000);
  const extend: ButtonOf = {
    action: "extend_grace",
    label: `Extend grace by ${lasting(ms)}`,
    value: { id: rotation.id, ms },
  };
  return rotation.plan.cause === "leaked" ? [] : [about(extend, rotation, "extend-grace"), retire];
}

/** Whether the cut still waits for its window or its notice. */
function cutControls(rotation: Rotation): readonly ButtonOf[] {
  const hurried = rotation.plan.cause === "leaked" || rotation.skipped.includes("window");
  return !waitsForCut(rotation) || hurried
    ? []
    : [retireNow(rotation, "The cut comes at once: window and notice are skipped")];
}

function retireNow(rotation: Rotation, what: string): ButtonOf {
  return {
    action: "retire_now",
    label: "Retire now",
    value: evidence(rotation, "retire-now"),
    style: "danger",
    confirm: {
      title: "Retire the old credential now?",
      text: `${what} when everybody whom the policy asks for agrees within 10 minutes. The other gates stay.`,
      yes: "Ask for it",
    },
  };
}

/** After a leaked credential was disabled, bringing it back needs the full policy again. */
function rollBack(rotation: Rotation): ButtonOf {
  const cutting = cutBegan(rotation) !== undefined;
  const whole = rotation.plan.cause === "leaked" && isRetiring(rotation);
  const button: ButtonOf = {
    action: whole ? "roll_back_leaked" : "roll_back",
    label: "Roll back",
    value: whole ? evidence(rotation, "roll-back") : { id: rotation.id },
    style: "danger",
    confirm: {
      title: `Roll back ${targetOf(rotation.plan)}?`,
      text: whole
        ? "The leaked credential would work again. Everybody whom the policy asks for has to agree within 10 minutes."
        : cutting
          ? "The cut has begun. On the way back clients may be refused until everybody runs on the old credential again."
          : "Consumers go back to the old credential; the new one is revoked when nobody uses it.",
      yes: whole ? "Ask for it" : "Roll back",
    },
  };
  return whole ? button : about(button, rotation, "roll-back");
}

function abandon(rotation: Rotation): ButtonOf {
  return {
    action: "abandon",
    label: "Abandon",
    value: evidence(rotation, "abandon"),
    style: "danger",
    confirm: {
      title: `Abandon ${targetOf(rotation.plan)}?`,
      text: "Keyturn stops here and changes nothing more. Every credential left alive is listed as a to-do. Everybody whom the policy asks for has to agree within 10 minutes.",
      yes: "Ask for it",
    },
  };
}

function press(rotation: Rotation, action: string, label: string, style?: "primary"): ButtonOf {
  return { action, label, value: { id: rotation.id }, ...(style === undefined ? {} : { style }) };
}

/** The button with the very question, block, hold or grace that it answers. */
function about(button: ButtonOf, rotation: Rotation, verb: PressVerb): ButtonOf {
  const what = aboutOf(rotation, verb);
  return what === undefined ? button : { ...button, value: { ...button.value, about: what } };
}

/** A first press is a vote too, for the evidence as this card shows it. */
function evidence(rotation: Rotation, verb: OverrideVerb): ButtonOf["value"] {
  return { id: rotation.id, digest: overrideDigest(rotation, verb) };
}

export function viewPlan({ id }: Pick<Rotation, "id">): ButtonOf {
  return { action: "view_plan", label: "View plan", value: { id } };
}
