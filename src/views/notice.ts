import type { Rotation } from "../core/rotation.ts";
import { plusMs } from "../core/time.ts";
import { insideWindow, nextOpening } from "../core/window.ts";
import { bold, type Line } from "./parts.ts";
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
  return [
    [{ text: "grace begins: both credentials work until " }, { at: until }],
    [{ text: `notice: the old credential will be ${verb} not before ` }, ...notBefore(plan, until)],
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

/** Said before a cut: when it comes at the earliest, and who is refused by it for how long. `at`: when it was announced. */
export function cutLines({ plan }: Pick<Rotation, "plan">, at: string): readonly Line[] {
  const words = plan.rotator.words.cut ?? "whoever still uses the old credential is refused";
  if (plan.cause === "leaked") {
    return [[bold("notice: a cut comes at once, because the credential leaked: "), { text: words }]];
  }
  return [
    [bold("notice: a cut comes not before "), ...notBefore(plan, plusMs(at, plan.noticeMs))],
    [{ text: words }],
    [{ text: "whom that would hurt then says so now, or presses Hold" }],
  ];
}

function notBefore({ policy: { retire } }: Rotation["plan"], at: string): Line {
  if (retire === undefined) {
    return [{ at }];
  }
  const earliest = insideWindow(retire, at) ? at : nextOpening(retire, at);
  return [{ at: earliest }, { text: `, inside ${retire.text} (${retire.zone})` }];
}
