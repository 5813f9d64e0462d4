import { evaluateApproval } from "../approval.ts";
import type { Desk, Overview } from "../desk.ts";
import { TryLater } from "../errors.ts";
import { headlineOf } from "../headline.ts";
import { foldRotation } from "../rotation.ts";
import { targetSaid } from "../target-said.ts";
import { castOverride, castVote, eligibilityOf, press } from "./decide-on.ts";
import { type DeskDeps, standingNow } from "./deps.ts";
import { collectPage, handIn, handOver } from "./hand-in.ts";
import { makeRequest, previewOrRefusal } from "./request.ts";

/** The desk over a state, a catalog and a directory. Holds nothing itself: every answer is read afresh. */
export function openDesk(deps: DeskDeps): Desk {
  return {
    targets: async () => {
      const open = await deps.state.list({ open: true });
      return deps.catalog().catalog.targets.map(({ secret, environment, owner }) => ({
        secret,
        environment,
        owner,
        open: open.find((line) => line.secret === secret && line.environment === environment),
      }));
    },
    preview: async (input) => {
      const previewed = await previewOrRefusal(deps, input);
      return previewed.kind === "refused" ? previewed : { kind: "preview", preview: previewed.preview };
    },
    request: (input) => makeRequest(deps, input),
    vote: (input) => castVote(deps, input),
    press: (input) => press(deps, input),
    override: (input) => castOverride(deps, input),
    handIn: (input) => handIn(deps, input),
    collectPage: (token) => collectPage(deps, token),
    handOver: (token, values) => handOver(deps, token, values),
    overview: (rotationId) => overview(deps, rotationId),
    open: () => deps.state.list({ open: true }),
    find: async (text) => {
      const byId = await overview(deps, text.trim());
      if (byId !== undefined) {
        return byId;
      }
      const [first, second] = text.trim().split(/\s+/);
      if (first === undefined || second === undefined) {
        return undefined;
      }
      // A target that has left the catalog is meant as it was written.
      const { secret, environment } = targetSaid(deps.catalog().catalog.targets, first, second) ?? {
        secret: first,
        environment: second,
      };
      const named = { secret, environment };
      // One that goes on is meant before one that has ended since.
      const [open] = await deps.state.list({ ...named, open: true, limit: 1 });
      const [newest] = open === undefined ? await deps.state.list({ ...named, limit: 1 }) : [open];
      return newest === undefined ? undefined : overview(deps, newest.id);
    },
  };
}

async function overview(deps: DeskDeps, rotationId: string): Promise<Overview | undefined> {
  const rotation = foldRotation(rotationId, await deps.state.load(rotationId));
  if (rotation === undefined) {
    return undefined;
  }
  const auditHead = await deps.state.auditHead();
  const headline = headlineOf(rotation);
  const votes = (await deps.state.votes(rotationId)).filter(({ subject }) => subject === "plan");
  try {
    const voters = votes.map(({ actor }) => actor.id);
    const standing = await standingNow(deps, "vote", rotation.plan, voters);
    return {
      rotation,
      headline,
      auditHead,
      approval: evaluateApproval(
        rotation.plan,
        rotation.digest,
        rotation.by.id,
        votes,
        eligibilityOf(standing, rotation),
      ),
    };
  } catch (error) {
    if (error instanceof TryLater) {
      return { rotation, headline, auditHead, approval: undefined };
    }
    throw error;
  }
}
