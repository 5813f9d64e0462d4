import { answering } from "./answering.ts";
import { answered } from "./carry-out.ts";
import type { Register } from "./deps.ts";
import { pressed } from "./pressed.ts";
import { privately } from "./privately.ts";

/** Approve: a vote for the plan whose digest stands on the card that was pressed. */
export const registerApprove: Register = (app, deps) => {
  app.action("approve", async ({ ack, body, respond }) => {
    await ack();
    const { value, from, key, threadTs } = pressed(body);
    await answering(deps, key, from, privately(respond, threadTs), async (asker) =>
      answered(
        await deps.desk.vote({
          rotationId: value.id,
          asker,
          decision: "approve",
          digest: value.digest ?? "",
          because: "",
        }),
      ),
    );
  });
};
