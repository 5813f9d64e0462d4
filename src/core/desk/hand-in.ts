import { createHash, randomBytes } from "node:crypto";
import type { CollectPage, Desk, HandIn } from "../desk.ts";
import { foldRotation, type Rotation } from "../rotation.ts";
import type { CollectLink } from "../state.ts";
import { targetName } from "../target.ts";
import { handedIn, waitingStep } from "../waiting.ts";
import { checkRight, refused, withRotation } from "./decide-on.ts";
import type { DeskDeps } from "./deps.ts";

/** How long a link can be used. */
const linkLifeMs = 600_000;

/** Makes the one-time link for this person. Every earlier one of the rotation is void from here on. */
export async function handIn(deps: DeskDeps, input: Parameters<Desk["handIn"]>[0]): Promise<HandIn> {
  return withRotation<HandIn>(deps, input.rotationId, async (rotation) => {
    const refusal = await checkRight(deps, "hand-in", input.asker, rotation);
    if (refusal !== undefined) {
      return refusal;
    }
    if (waitingStep(rotation, "collect") === undefined) {
      return refused("nothing_to_collect", "nothing waits for a value now");
    }
    if (deps.pageUrl === undefined) {
      return refused(noPage.code, noPage.sentence, noPage.hint);
    }
    const token = randomBytes(32).toString("base64url");
    const actor = { ...input.asker };
    const link = await deps.state.collects.open(
      {
        id: randomBytes(6).toString("hex"),
        rotationId: rotation.id,
        tokenHash: hashOf(token),
        actor,
        fields: handedIn(rotation),
      },
      linkLifeMs,
      { actor, verb: "hand-in", rotationId: rotation.id, detail: "a one-time link was made for this person" },
    );
    return { kind: "ok", link: `${deps.pageUrl}/collect/${token}`, ...shownOf(rotation, link) };
  });
}

/** What the page of a link shows. Looking changes nothing. */
export async function collectPage(deps: DeskDeps, token: string): Promise<CollectPage | "gone" | undefined> {
  const link = await deps.state.collects.find(hashOf(token));
  if (link === undefined || link === "gone") {
    return link;
  }
  const rotation = await waiting(deps, link);
  return rotation === undefined ? "gone" : shownOf(rotation, link);
}

/**
 * Uses the link up: the values are sealed and the rotation wakes. False: it is gone, or its person may not hand in any more.
 * Of two at once one gets true. Throws TryLater when Slack cannot say who is who; then the link still stands.
 */
export async function handOver(
  deps: DeskDeps,
  token: string,
  values: Parameters<Desk["handOver"]>[1],
): Promise<boolean> {
  const link = await deps.state.collects.find(hashOf(token));
  const rotation = link === undefined || link === "gone" ? undefined : await waiting(deps, link);
  if (link === undefined || link === "gone" || rotation === undefined || link.actor.kind !== "slack") {
    return false;
  }
  const { actor } = link;
  const asker = { kind: "slack" as const, id: actor.id, team: actor.team ?? "" };
  if ((await checkRight(deps, "hand-in", asker, rotation)) !== undefined) {
    return false;
  }
  const used = await deps.state.collects.use(hashOf(token), values, {
    actor,
    verb: "handed-in",
    rotationId: rotation.id,
    detail: `${link.fields.join(", ")} over link ${link.id}`,
  });
  if (used) {
    await deps.wake(rotation.id);
  }
  return used;
}

/** Why a plan that collects is refused where there is no page for it. */
export const noPage = {
  code: "no_collect_page",
  sentence: "a person has to hand a value in for this rotation, and the bot serves no page for that",
  hint: "set KEYTURN_PAGE_URL to the https address that leads to the bot, and in Socket Mode KEYTURN_PAGE_PORT; README.md shows how",
} as const;

async function waiting(deps: DeskDeps, { rotationId }: CollectLink): Promise<Rotation | undefined> {
  const rotation = foldRotation(rotationId, await deps.state.load(rotationId));
  return rotation === undefined || waitingStep(rotation, "collect") === undefined ? undefined : rotation;
}

function shownOf(rotation: Rotation, link: CollectLink): CollectPage {
  const { fields } = rotation.plan.rotator;
  return {
    rotationId: rotation.id,
    target: targetName(rotation.plan),
    requestedBy: rotation.by.id,
    givenTo: link.actor.id,
    fields: link.fields.map((name) => ({ name, secret: fields[name] !== "public" })),
    expiresAt: link.expiresAt,
  };
}

/** The token is random enough that its hash gives nothing away, and that looking the hash up tells nothing by its time. */
function hashOf(token: string): string {
  return createHash("sha256").update(token).digest("hex");
}
