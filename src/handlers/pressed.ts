import { z } from "zod";

const Id = z.string().min(1).max(100);

/** What a button of ours carries. Identity never comes from it. */
const Value = z.object({
  id: Id,
  digest: z.string().max(200).optional(),
  verb: z.enum(["retire-now", "abandon", "roll-back"]).optional(),
  ms: z.int().positive().optional(),
  /** Which question, block, hold or grace it answers (`aboutOf`). */
  about: z.string().max(200).optional(),
  /** Shown in a form, and nothing else. */
  target: z.string().max(200).optional(),
});

const Press = z.object({
  user: z.object({ id: z.string(), team_id: z.string().optional() }),
  team: z.object({ id: z.string() }).nullish(),
  trigger_id: z.string(),
  channel: z.object({ id: z.string() }).optional(),
  message: z.object({ ts: z.string(), thread_ts: z.string().optional() }).optional(),
  actions: z.array(z.object({ action_id: z.string(), value: z.string() })).min(1),
});

/** A press on a button, out of its verified payload. Throws ZodError for anything else. */
export function pressed(body: unknown) {
  const { user, team, trigger_id, channel, message, actions } = Press.parse(body);
  const value = Value.parse(JSON.parse(actions[0]?.value ?? ""));
  return {
    value,
    from: { user: user.id, team: team?.id, userTeam: user.team_id },
    triggerId: trigger_id,
    key: `press:${trigger_id}`,
    channel: channel?.id,
    /** Only when the message is a reply: an answer to a root belongs beside it. */
    threadTs: message?.thread_ts === message?.ts ? undefined : message?.thread_ts,
  };
}

const Submission = z.object({
  user: z.object({ id: z.string(), team_id: z.string().optional() }),
  team: z.object({ id: z.string() }).nullish(),
  view: z.object({
    id: z.string(),
    hash: z.string().optional(),
    private_metadata: z.string(),
    state: z.object({
      values: z.record(
        z.string(),
        z.record(
          z.string(),
          z.object({
            value: z.string().nullish(),
            selected_option: z.object({ value: z.string() }).nullish(),
            selected_options: z.array(z.object({ value: z.string() })).nullish(),
          }),
        ),
      ),
    }),
  }),
});

const Metadata = z.object({
  id: Id.optional(),
  digest: z.string().optional(),
  about: z.string().optional(),
  channel: z.string(),
  threadTs: z.string().optional(),
});

/** A submitted form of ours. `read` gives what stands in a field: typed, or chosen (several joined by a comma). */
export function submitted(body: unknown) {
  const { user, team, view } = Submission.parse(body);
  return {
    metadata: Metadata.parse(JSON.parse(view.private_metadata)),
    from: { user: user.id, team: team?.id, userTeam: user.team_id },
    key: `submission:${view.id}:${view.hash ?? ""}`,
    read: (block: string, action: string): string => {
      const field = view.state.values[block]?.[action];
      return (
        field?.value ??
        field?.selected_option?.value ??
        field?.selected_options?.map(({ value }) => value).join(",") ??
        ""
      );
    },
  };
}
