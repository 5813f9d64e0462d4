import type { Rotation } from "../core/rotation.ts";
import { insideWindow, nextOpening } from "../core/window.ts";
import type { Line } from "./parts.ts";
import { lasting } from "./words.ts";

/** The name under which the acceptance of this notice is recorded; disable waits for it. */
export const retireNotice = "retire";

/** Said when grace begins: until when both work, and when the old credential is refused at the earliest. */
export function notice(rotation: Pick<Rotation, "plan">, until: string): readonly Line[] {
  const { plan } = rotation;
  if (plan.cause === "leaked") {
    return [
      [
        {
          text: "every consumer has settled on the new credential; the old one leaked and is disabled as soon as every gate is open",
        },
      ],
    ];
  }
  const verb = plan.rotator.disable ? "disabled" : "revoked";
  const window = plan.policy.retire;
  const earliest = window === undefined || insideWindow(window, until) ? until : nextOpening(window, until);
  return [
    [{ text: "grace begins: both credentials work until " }, { at: until }],
    [
      { text: `notice: the old credential will be ${verb} not before ` },
      { at: earliest },
      { text: window === undefined ? "" : `, inside ${window.text} (${window.zone})` },
    ],
    ...(plan.watchMs > 0 && plan.rotator.disable
      ? [
          [
            {
              text: `then it is watched for ${lasting(plan.watchMs)} before it is revoked; whoever still uses it says so now, or presses Hold`,
            },
          ],
        ]
      : []),
  ];
}
