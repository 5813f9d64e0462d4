import { confirmCallback, confirmModal, evidenceAction, evidenceBlock } from "../views/confirm-modal.ts";
import { answering } from "./answering.ts";
import { answered } from "./carry-out.ts";
import type { Register } from "./deps.ts";
import { unescaped } from "./parse.ts";
import { pressed, submitted } from "./pressed.ts";
import { privately } from "./privately.ts";
import { looksSecret } from "./secret-like.ts";
import { whisper } from "./whisper.ts";

/** Confirm: what a person did where Keyturn has no hand, with their evidence; judged when the form is sent. */
export const registerConfirm: Register = (app, deps) => {
  app.action("confirm_done", async ({ ack, body, client, respond }) => {
    await ack();
    const { value, from, key, threadTs, triggerId, channel = "" } = pressed(body);
    await answering(deps, key, from, privately(respond, threadTs), async () => {
      const view = confirmModal(value.target ?? "Confirm that it is done.", { id: value.id, channel });
      await client.views.open({ trigger_id: triggerId, view });
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
            onceKey: key,
          }),
        ),
    );
  });
};
