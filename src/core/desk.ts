/**
 * The desk: what people can ask of Keyturn, whichever way they come (slash command, button, mention, command line). One
 * authoriser stands behind all of it (`rights.ts`). Implemented in `src/core/desk/`; handlers parse, ask the desk, render.
 */
import type { ApprovalResult } from "./approval.ts";
import type { Explanation } from "./errors.ts";
import type { OverrideVerb } from "./overrides.ts";
import type { Plan } from "./plan.ts";
import type { Finding } from "./ports.ts";
import type { PressVerb } from "./presses.ts";
import type { Rotation } from "./rotation.ts";
import type { Secret } from "./secret.ts";
import type { Headline } from "./state.ts";

/** A person, by the ids of a verified payload and nothing else. */
export type Asker = { readonly kind: "slack" | "os"; readonly id: string; readonly team: string };

/** A refusal says why, and who can (as labels: "@security", or user ids for mentions). `nearest`: names that were probably meant. */
export type Refusal = Explanation & { readonly who?: readonly string[]; readonly nearest?: readonly string[] };
export type Answer =
  | { readonly kind: "ok"; readonly sentence: string }
  | { readonly kind: "refused"; readonly refusal: Refusal };

export type RequestInput = {
  readonly secret: string;
  readonly environment: string;
  readonly leaked: boolean;
  /** accept-first: what is accepted beside the current credential already is given up, if the people who approve agree. */
  readonly release?: boolean;
  /** The `else` group that a refusal named: it is asked in the place of the line that nobody else could meet. */
  readonly via?: string;
  /** The requester's own words; user text, never interpreted. */
  readonly because: string;
  readonly asker: Asker;
  /** Where it was asked. `threadTs`: that thread is used. `postable`: false when the bot is not in the channel, or it is shared, external or a direct message. */
  readonly origin: { readonly channel: string; readonly threadTs?: string; readonly postable: boolean };
  /** Slack's id of this command or press: the same one again makes no second request. */
  readonly onceKey: string;
};

/** What `/rotate plan` shows: the plan, what a live preflight found, and who may approve, by line of the policy. */
export type Preview = {
  readonly plan: Plan;
  readonly digest: string;
  readonly findings: readonly Finding[];
  readonly approvers: readonly { readonly label: string; readonly min: number; readonly users: readonly string[] }[];
};

export type Requested =
  | { readonly kind: "requested"; readonly rotationId: string; readonly preview: Preview }
  /** Nothing was posted and nobody was woken. `preview` is there when a plan could be made but cannot work. */
  | { readonly kind: "refused"; readonly refusal: Refusal; readonly preview?: Preview };

/** What the one-time page shows: never a value. `requestedBy`, `givenTo`: user ids. */
export type CollectPage = {
  readonly rotationId: string;
  readonly target: string;
  readonly requestedBy: string;
  readonly givenTo: string;
  readonly fields: readonly { readonly name: string; readonly secret: boolean }[];
  readonly expiresAt: string;
};

/** `link` is for the asker alone: it goes into a direct message to them, and into no channel, log or journal. */
export type HandIn =
  | (CollectPage & { readonly kind: "ok"; readonly link: string })
  | { readonly kind: "refused"; readonly refusal: Refusal };

/** A rotation for the eyes: its fold, how its approval stands, and the head of the audit log. */
export type Overview = {
  readonly rotation: Rotation;
  readonly headline: Headline;
  readonly approval: ApprovalResult | undefined;
  readonly auditHead: string;
};

export type Desk = {
  /** Targets of the catalog, with their open rotation if there is one. */
  readonly targets: () => Promise<
    readonly {
      readonly secret: string;
      readonly environment: string;
      readonly owner: string;
      readonly open: Headline | undefined;
    }[]
  >;
  readonly preview: (
    input: Pick<RequestInput, "secret" | "environment" | "leaked" | "release" | "asker" | "via">,
  ) => Promise<
    { readonly kind: "preview"; readonly preview: Preview } | { readonly kind: "refused"; readonly refusal: Refusal }
  >;
  readonly request: (input: RequestInput) => Promise<Requested>;
  /** `digest`: the one on the card that was pressed. */
  readonly vote: (input: {
    readonly rotationId: string;
    readonly asker: Asker;
    readonly decision: "approve" | "reject";
    readonly digest: string;
    readonly because: string;
  }) => Promise<Answer>;
  readonly press: (input: {
    readonly rotationId: string;
    readonly asker: Asker;
    readonly verb: PressVerb;
    readonly detail: string;
    /** What the button that was pressed is about (`aboutOf`); "" for one that does not say. Undefined: what stands now, as with what is typed. */
    readonly about?: string | undefined;
    readonly onceKey: string;
  }) => Promise<Answer>;
  /** A vote for an override. `digest`: the one of the card that was pressed; undefined: for the evidence as it stands now. */
  readonly override: (input: {
    readonly rotationId: string;
    readonly asker: Asker;
    readonly verb: OverrideVerb;
    readonly digest: string | undefined;
  }) => Promise<Answer & { readonly digest?: string }>;
  /** A one-time link over which this person hands the new value in; earlier ones of the rotation become void. */
  readonly handIn: (input: { readonly rotationId: string; readonly asker: Asker }) => Promise<HandIn>;
  /** What the page of a link shows. "gone": used, run out or void; undefined: there is no such link. Changes nothing. */
  readonly collectPage: (token: string) => Promise<CollectPage | "gone" | undefined>;
  /** Uses a link up. False: it is gone. Throws TryLater while Slack cannot say who may. */
  readonly handOver: (token: string, values: Readonly<Record<string, Secret>>) => Promise<boolean>;
  readonly overview: (rotationId: string) => Promise<Overview | undefined>;
  readonly open: () => Promise<readonly Headline[]>;
  /** Finds a rotation by id, or the open one of a target ("redis prod"). */
  readonly find: (text: string) => Promise<Overview | undefined>;
};
