import { answering } from "./answering.ts";
import { carryOut } from "./carry-out.ts";
import type { Register } from "./deps.ts";
import { isPostable } from "./origin.ts";
import { parseWords } from "./parse.ts";

/** `/rotate ...`: the answer is for the person who typed it; a request itself appears in its thread. */
export const registerRotateCommand: Register = (app, deps) => {
  app.command("/rotate", async ({ ack, command, respond, client }) => {
    const asked = parseWords(command.text);
    const slow = asked.kind === "plan" || asked.kind === "rotate";
    await (slow ? ack({ response_type: "ephemeral", text: "Looking first; this only reads." }) : ack());
    const key = `command:${command.trigger_id}`;
    await answering(
      deps,
      key,
      { user: command.user_id, team: command.team_id },
      ({ text, blocks }) => respond({ response_type: "ephemeral", text, blocks }),
      (asker) =>
        carryOut(deps, asked, {
          asker,
          channel: command.channel_id,
          threadTs: undefined,
          postable: () => isPostable(client, command.channel_id),
          onceKey: key,
        }),
    );
  });
};
