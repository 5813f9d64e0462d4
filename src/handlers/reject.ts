import { reasonAction, reasonBlock, rejectCallback, rejectModal } from "../views/reject-modal.ts";
import { answering } from "./answering.ts";
import { answered } from "./carry-out.ts";
import type { Register } from "./deps.ts";
import { unescaped } from "./parse.ts";
import { pressed, submitted } from "./pressed.ts";
import { privately } from "./privately.ts";
import { looksSecret } from "./secret-like.ts";
import { whisper } from "./whisper.ts";

/** Reject: asks for the reason first, at once, because the trigger lives three seconds; the vote is made when the form is sent. */
export const registerReject: Register = (app, deps) => {
  app.action("reject", async ({ ack, body, client, respond }) => {
    await ack();
    const { value, from, key, threadTs, triggerId, channel = "" } = pressed(body);
    await answering(deps, key, from, privately(respond, threadTs), async () => {
      const view = rejectModal(value.target ?? "this secret", { id: value.id, digest: value.digest ?? "", channel });
      await client.views.open({ trigger_id: triggerId, view });
      return undefined;
    });
  });

  app.view(rejectCallback, async ({ ack, body, client }) => {
    const { metadata, from, key, read } = submitted(body);
    const because = unescaped(read(reasonBlock, reasonAction));
    if (looksSecret(because)) {
      await ack({
        response_action: "errors",
        errors: { [reasonBlock]: "This looks as if it held a secret; say it without." },
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
          await deps.desk.vote({
            rotationId: metadata.id ?? "",
            asker,
            decision: "reject",
            digest: metadata.digest ?? "",
            because,
          }),
        ),
    );
  });
};
