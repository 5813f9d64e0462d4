import { outdated } from "../core/about.ts";
import { confirmCallback, confirmModal, evidenceAction, evidenceBlock, overModal } from "../views/confirm-modal.ts";
import { refusalLines } from "../views/refusal.ts";
import { answering } from "./answering.ts";
import { answered } from "./carry-out.ts";
import type { Register } from "./deps.ts";
import { unescaped } from "./parse.ts";
import { pressed, submitted } from "./pressed.ts";
import { privately } from "./privately.ts";
import { looksSecret } from "./secret-like.ts";
import { whisper } from "./whisper.ts";

/**
 * Confirm: what a person did where Keyturn has no hand, with their evidence. The form is opened before anything is looked up: the
 * trigger lives three seconds. It answers the question of the button that opened it and no later one; judged again when it is sent.
 */
export const registerConfirm: Register = (app, deps) => {
  app.action("confirm_done", async ({ ack, body, client, respond }) => {
    await ack();
    const { value, from, key, threadTs, triggerId, channel = "" } = pressed(body);
    await answering(deps, key, from, privately(respond, threadTs), async () => {
      const { id, target = "Confirm that it is done.", about = "" } = value;
      const view = confirmModal(target, { id, about, channel });
      const opened = await client.views.open({ trigger_id: triggerId, view });
      const overview = await deps.desk.overview(id);
      const older = overview === undefined ? undefined : outdated(overview.rotation, "confirm", about);
      if (older !== undefined && opened.view?.id !== undefined) {
        await client.views.update({ view_id: opened.view.id, view: overModal(refusalLines(older)) });
      }
      return undefined;
    });
  });

  app.view(confirmCallback, async ({ ack, body, client }) => {
    const { metadata, from, key, read } = submitted(body);
    const evidence = unescaped(read(evidenceBlock, evidenceAction));
    if (looksSecret(evidence)) {
      await ack({
        response_action: "errors",
        errors: { [evidenceBlock]: "This looks as if it held a secret; say it without." },
      });
      return;
    }
    await ack();
    await answering(
      deps,
      key,
      from,
      (rendered) => whisper(client, { channel: metadata.channel, user: from.user }, rendered),
      async (asker) =>
        answered(
          await deps.desk.press({
            rotationId: metadata.id ?? "",
            asker,
            verb: "confirm",
            detail: evidence,
            about: metadata.about ?? "",
            onceKey: key,
          }),
        ),
    );
  });
};
