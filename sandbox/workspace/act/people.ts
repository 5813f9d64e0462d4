import { z } from "zod";
import type { FaultState } from "../faults.ts";
import type { View } from "../world.ts";
import {
  BotMembership,
  botMembership,
  type EditGroup,
  type EditUser,
  editGroup,
  editUser,
  revokeTokens,
  type ShareChannel,
  shareChannel,
  uninstall,
} from "./directory.ts";
import { sendEvent } from "./events.ts";
import { Press, type PressInput, PressInView, press, pressInView } from "./press.ts";
import { mention, Say, say } from "./say.ts";
import { GlobalShortcut, globalShortcut, MessageShortcut, messageShortcut } from "./shortcut.ts";
import { Slash, slash } from "./slash.ts";
import { type ActResult, interact, type Stage } from "./stage.ts";
import { CloseView, closeView, SubmitView, submitView } from "./submit.ts";
import { Suggest, suggest } from "./suggest.ts";

const OpenHome = z.strictObject({ userId: z.string() });

/**
 * What people do in the workspace. Each resolves with what the person sees of the platform's reaction, and rejects
 * when a person could not do it (a button that is not there, a channel they are not in).
 */
export interface People {
  slash(input: z.infer<typeof Slash>): Promise<ActResult>;
  say(input: z.infer<typeof Say>): Promise<ActResult>;
  mention(input: z.infer<typeof Say>): Promise<ActResult>;
  messageShortcut(input: z.infer<typeof MessageShortcut>): Promise<ActResult>;
  globalShortcut(input: z.infer<typeof GlobalShortcut>): Promise<ActResult>;
  press(input: PressInput): Promise<ActResult>;
  pressInView(input: z.infer<typeof PressInView>): Promise<ActResult>;
  suggest(input: z.infer<typeof Suggest>): Promise<ActResult>;
  submitView(input: z.infer<typeof SubmitView>): Promise<ActResult>;
  closeView(input: z.infer<typeof CloseView>): Promise<ActResult>;
  openHome(input: z.infer<typeof OpenHome>): Promise<ActResult>;
  /** The user's open modals, the visible one last. */
  openViewsOf(userId: string): readonly View[];
  editGroup(input: z.infer<typeof EditGroup>): Promise<ActResult>;
  editUser(input: z.infer<typeof EditUser>): Promise<ActResult>;
  botMembership(input: z.infer<typeof BotMembership>): Promise<ActResult>;
  shareChannel(input: z.infer<typeof ShareChannel>): Promise<ActResult>;
  revokeTokens(): Promise<ActResult>;
  uninstall(): Promise<ActResult>;
  /** Sends an earlier delivery again, byte for byte the same payload (a replay); `index` as in `inspect.sent()`. */
  redeliver(index: number): Promise<ActResult>;
}

export function createPeople(stage: Stage, faultState: FaultState): People {
  return {
    slash: (input) => slash(stage, faultState, input),
    say: (input) => say(stage, input),
    mention: (input) => mention(stage, input),
    messageShortcut: (input) => messageShortcut(stage, input),
    globalShortcut: (input) => globalShortcut(stage, input),
    press: (input) => press(stage, input),
    pressInView: (input) => pressInView(stage, input),
    suggest: (input) => suggest(stage, input),
    submitView: (input) => submitView(stage, input),
    closeView: (input) => closeView(stage, input),
    openHome: ({ userId }) =>
      sendEvent(stage, {
        type: "app_home_opened",
        user: userId,
        channel: `D${userId.slice(1)}`,
        tab: "home",
        event_ts: stage.world.nextTs(),
      }),
    openViewsOf: (userId) => stage.world.views.get(userId) ?? [],
    editGroup: (input) => editGroup(stage, input),
    editUser: (input) => editUser(stage, input),
    botMembership: (input) => botMembership(stage, input),
    shareChannel: (input) => shareChannel(stage, input),
    revokeTokens: () => revokeTokens(stage),
    uninstall: () => uninstall(stage),
    async redeliver(index) {
      const envelope = stage.sent[index];
      if (envelope === undefined) throw new Error(`nothing was sent with index ${index}`);
      return interact(stage, "", envelope);
    },
  };
}

/** The actions that the page may ask for, each with its own check of the input. */
export function pageActions(people: People): { readonly [name: string]: (input: unknown) => Promise<ActResult> } {
  return {
    slash: (input) => people.slash(Slash.parse(input)),
    say: (input) => people.say(Say.parse(input)),
    messageShortcut: (input) => people.messageShortcut(MessageShortcut.parse(input)),
    globalShortcut: (input) => people.globalShortcut(GlobalShortcut.parse(input)),
    press: (input) => people.press(Press.parse(input)),
    pressInView: (input) => people.pressInView(PressInView.parse(input)),
    suggest: (input) => people.suggest(Suggest.parse(input)),
    submitView: (input) => people.submitView(SubmitView.parse(input)),
    closeView: (input) => people.closeView(CloseView.parse(input)),
    openHome: (input) => people.openHome(OpenHome.parse(input)),
    botMembership: (input) => people.botMembership(BotMembership.parse(input)),
  };
}
