import { registerApprove } from "./approve.ts";
import { registerConfirm } from "./confirm.ts";
import type { BoltApp, HandlerDeps, Register } from "./deps.ts";
import { registerHandIn } from "./hand-in.ts";
import { registerMention } from "./mention.ts";
import { registerOverrides } from "./overrides.ts";
import { registerPresses } from "./presses.ts";
import { registerReject } from "./reject.ts";
import { registerRotateCommand } from "./rotate-command.ts";
import { registerRotateShortcut } from "./rotate-shortcut.ts";
import { registerViewPlan } from "./view-plan.ts";
import { registerWorkspaceEvents } from "./workspace-events.ts";

/** Every way in from Slack, one line each. */
const handlers: readonly Register[] = [
  registerRotateCommand,
  registerMention,
  registerRotateShortcut,
  registerApprove,
  registerReject,
  registerPresses,
  registerHandIn,
  registerConfirm,
  registerOverrides,
  registerViewPlan,
  registerWorkspaceEvents,
];

/** Registers all of them with a Bolt app that is not started yet. */
export function registerHandlers(app: BoltApp, deps: HandlerDeps): void {
  for (const register of handlers) {
    register(app, deps);
  }
}
