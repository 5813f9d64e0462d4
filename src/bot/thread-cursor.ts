import { z } from "zod";
import type { State } from "../core/state.ts";

const Posted = z.strictObject({ channel: z.string(), ts: z.string(), hash: z.string() });
export type Posted = z.infer<typeof Posted>;

/** What of a rotation has been shown in Slack. `claim`: a post that was begun and whose outcome is not recorded yet. */
const Cursor = z.strictObject({
  root: Posted.optional(),
  /** The thread that replies go to: the one of the request, or the one below `root`. */
  thread: z.strictObject({ channel: z.string(), ts: z.string() }).optional(),
  card: Posted.optional(),
  overrides: z.record(z.string(), Posted).default({}),
  /** Events up to here have been told. */
  lastSeq: z.int().default(0),
  /** The origin could not be posted to: the thread lives in the policy's channel. */
  elsewhere: z.boolean().default(false),
  classic: z.boolean().default(false),
  claim: z.strictObject({ what: z.string(), at: z.iso.datetime() }).optional(),
});
export type Cursor = z.infer<typeof Cursor>;

/** One process's hold on a cursor. `save` compares with what was read; false means that another process was faster. */
export type CursorHold = { readonly now: () => Cursor; readonly save: (next: Cursor) => Promise<boolean> };

export async function readCursor(state: Pick<State, "cursor">, rotationId: string): Promise<CursorHold> {
  let text = await state.cursor.read(rotationId);
  let cursor = text === undefined ? Cursor.parse({}) : Cursor.parse(JSON.parse(text));
  return {
    now: () => cursor,
    save: async (next) => {
      const written = JSON.stringify(next);
      const saved = await state.cursor.write(rotationId, text, written);
      if (saved) {
        text = written;
        cursor = next;
      }
      return saved;
    },
  };
}

/** Where the replies of a rotation hang. Undefined: nothing was posted yet. */
export async function threadOf(
  state: Pick<State, "cursor">,
  rotationId: string,
): Promise<{ readonly channel: string; readonly ts: string } | undefined> {
  return (await readCursor(state, rotationId)).now().thread;
}
