import { z } from "zod";

/** What pods answer, by path, or by the pod's name and the path; `unready`: pods whose readiness probe fails. */
export const Answers = z.object({
  unready: z.array(z.string()).default([]),
  answers: z.record(
    z.string(),
    z.union([
      z.literal("hang up"),
      z.object({
        status: z.number().default(200),
        headers: z.record(z.string(), z.union([z.string(), z.array(z.string())])).default({}),
        body: z.json().default({}),
      }),
    ]),
  ),
});
