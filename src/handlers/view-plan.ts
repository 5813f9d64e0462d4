import { planModal, waitingModal } from "../views/plan-modal.ts";
import { answer } from "../views/refusal.ts";
import { answering } from "./answering.ts";
import type { Register } from "./deps.ts";
import { pressed } from "./pressed.ts";
import { privately } from "./privately.ts";

/** View plan: the whole plan in a window, for whoever presses. It is opened before anything is asked: the trigger lives three seconds. */
export const registerViewPlan: Register = (app, deps) => {
  app.action("view_plan", async ({ ack, body, client, respond }) => {
    await ack();
    const { value, from, key, threadTs, triggerId } = pressed(body);
    await answering(deps, key, from, privately(respond, threadTs), async () => {
      const opened = await client.views.open({ trigger_id: triggerId, view: waitingModal() });
      const overview = await deps.desk.overview(value.id);
      if (overview === undefined || opened.view?.id === undefined) {
        return answer([[{ text: "there is no such rotation" }]]);
      }
      await client.views.update({ view_id: opened.view.id, view: planModal(overview.rotation) });
      return undefined;
    });
  });
};
