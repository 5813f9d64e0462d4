import { z } from "zod";

const User = z.strictObject({
  id: z.string().regex(/^[UW][A-Z0-9]{2,}$/),
  handle: z.string().regex(/^[a-z0-9._-]{1,21}$/),
  name: z.string().min(1),
  title: z.string().optional(),
  deleted: z.boolean().optional(),
  is_bot: z.boolean().optional(),
  is_restricted: z.boolean().optional(),
  is_ultra_restricted: z.boolean().optional(),
  is_stranger: z.boolean().optional(),
});

const Usergroup = z.strictObject({
  id: z.string().regex(/^S[A-Z0-9]{2,}$/),
  handle: z.string().min(1),
  name: z.string().optional(),
  members: z.array(z.string()),
  disabled: z.boolean().optional(),
});

const Channel = z.strictObject({
  id: z.string().regex(/^[CG][A-Z0-9]{2,}$/),
  name: z.string().min(1),
  topic: z.string().optional(),
  botIsMember: z.boolean(),
  is_ext_shared: z.boolean().optional(),
  is_private: z.boolean().optional(),
  /** User ids. Left out: everybody of this workspace who is not deactivated. */
  members: z.array(z.string()).optional(),
});

/** What stands in a channel before anything happens; `name` lets later messages reply to it. */
const Chatter = z.strictObject({
  channel: z.string(),
  user: z.string(),
  text: z.string(),
  minutesAgo: z.number().nonnegative(),
  name: z.string().optional(),
  replyTo: z.string().optional(),
});

/** Everything that exists in a workspace before the app connects. */
export const WorkspaceSeed = z.strictObject({
  team: z.strictObject({ id: z.string(), domain: z.string(), name: z.string() }).optional(),
  bot: z.strictObject({ handle: z.string(), name: z.string() }).optional(),
  users: z.array(User),
  usergroups: z.array(Usergroup),
  channels: z.array(Channel),
  messages: z.array(Chatter).optional(),
  /** Answer 429 when a method's tier, or one message per second in a channel, is exceeded. Counted in any case. */
  enforceTiers: z.boolean().optional(),
});

export type WorkspaceSeed = z.infer<typeof WorkspaceSeed>;
export type SeedUser = z.infer<typeof User>;
export type SeedUsergroup = z.infer<typeof Usergroup>;
export type SeedChannel = z.infer<typeof Channel>;
