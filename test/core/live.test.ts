import { describe, expect, it } from "vitest";
import type { Answers } from "../../src/core/algebra.ts";
import { rowOf, tale, taleBack } from "./live-tale.ts";

const byHand: Partial<Answers> = { origin: "handed-in", revokeBy: "person", disable: false, usage: "none" };
const acceptFirst: Partial<Answers> = { overlap: "accept-first", triedAt: "consumer" };

// STEP.. is under way or of unknown outcome, STEP is done; behind the bar stands what is left when it is abandoned then.
describe("what is alive, step by step", () => {
  it("dual", () => {
    const plan = rowOf({});
    expect(tale(plan)).toMatchInlineSnapshot(`
      "approved: old works; no new one was issued | old was not revoked
      issue..: old works; new may have been issued | old was not revoked; new may have been issued, and was not revoked
      issue: old works; new was issued | old was not revoked; new was issued and not revoked
      disable..: old may be disabled; new was issued | old was not revoked; new was issued and not revoked
      disable: old is disabled; new was issued | old was not revoked; new was issued and not revoked
      revoke..: old is revoked or being revoked; new was issued | old may not be revoked; new is in use, and the rotation did not end
      revoke: old was revoked; new was issued | old was revoked, but not proved dead; new is in use, and the rotation did not end
      prove: old was revoked; new was issued | new is in use, and the rotation did not end"
    `);
    expect(taleBack(plan, "publish")).toMatchInlineSnapshot(`
      "back from publish: old works; new was issued | old was not revoked; new was issued and not revoked
      back-disable..: old works; new may be disabled | old was not revoked; new was issued and not revoked
      back-disable: old works; new is disabled | old was not revoked; new was issued and not revoked
      back-revoke..: old works; new is revoked or being revoked | old was not revoked; new may not be revoked
      back-revoke: old works; new was revoked | old was not revoked; new was revoked, but not proved dead
      back-prove: old works; new was revoked | old was not revoked"
    `);
    expect(taleBack(plan, "disable")).toMatchInlineSnapshot(`
      "back from disable: old is disabled; new was issued | old was not revoked; new was issued and not revoked
      back-enable..: old is being enabled again; new was issued | old was not revoked; new was issued and not revoked
      back-enable: old is enabled again; new was issued | old was not revoked; new was issued and not revoked
      back-disable..: old is enabled again; new may be disabled | old was not revoked; new was issued and not revoked
      back-disable: old is enabled again; new is disabled | old was not revoked; new was issued and not revoked
      back-revoke..: old is enabled again; new is revoked or being revoked | old was not revoked; new may not be revoked
      back-revoke: old is enabled again; new was revoked | old was not revoked; new was revoked, but not proved dead
      back-prove: old is enabled again; new was revoked | old was not revoked"
    `);
  });

  it("dual without disable", () => {
    const plan = rowOf({ disable: false });
    expect(tale(plan)).toMatchInlineSnapshot(`
      "approved: old works; no new one was issued | old was not revoked
      issue..: old works; new may have been issued | old was not revoked; new may have been issued, and was not revoked
      issue: old works; new was issued | old was not revoked; new was issued and not revoked
      revoke..: old is revoked or being revoked; new was issued | old may not be revoked; new is in use, and the rotation did not end
      revoke: old was revoked; new was issued | old was revoked, but not proved dead; new is in use, and the rotation did not end
      prove: old was revoked; new was issued | new is in use, and the rotation did not end"
    `);
  });

  it("dual, minted", () => {
    const plan = rowOf({ origin: "minted" });
    expect(tale(plan)).toMatchInlineSnapshot(`
      "approved: old works; no new one was issued | old was not revoked
      issue..: old works; new? may have been issued | old was not revoked; new? may have been issued, and was not revoked
      issue: old works; new was issued | old was not revoked; new was issued and not revoked
      disable..: old may be disabled; new was issued | old was not revoked; new was issued and not revoked
      disable: old is disabled; new was issued | old was not revoked; new was issued and not revoked
      revoke..: old is revoked or being revoked; new was issued | old may not be revoked; new is in use, and the rotation did not end
      revoke: old was revoked; new was issued | old was revoked, but not proved dead; new is in use, and the rotation did not end
      prove: old was revoked; new was issued | new is in use, and the rotation did not end"
    `);
  });

  it("dual, nothing in use yet", () => {
    const plan = rowOf({ present: "none" });
    expect(tale(plan)).toMatchInlineSnapshot(`
      "approved: no old; no new one was issued | 
      issue..: no old; new may have been issued | new may have been issued, and was not revoked
      issue: no old; new was issued | new was issued and not revoked"
    `);
    expect(taleBack(plan, "verify")).toMatchInlineSnapshot(`
      "back from verify: no old; new was issued | new was issued and not revoked
      back-disable..: no old; new may be disabled | new was issued and not revoked
      back-disable: no old; new is disabled | new was issued and not revoked
      back-revoke..: no old; new is revoked or being revoked | new may not be revoked
      back-revoke: no old; new was revoked | new was revoked, but not proved dead
      back-prove: no old; new was revoked | "
    `);
  });

  it("dual, broken", () => {
    const plan = rowOf({ present: "broken" });
    expect(tale(plan)).toMatchInlineSnapshot(`
      "approved: old was refused before this began; no new one was issued | old was not revoked
      issue..: old was refused before this began; new may have been issued | old was not revoked; new may have been issued, and was not revoked
      issue: old was refused before this began; new was issued | old was not revoked; new was issued and not revoked
      disable..: old may be disabled; new was issued | old was not revoked; new was issued and not revoked
      disable: old is disabled; new was issued | old was not revoked; new was issued and not revoked
      revoke..: old is revoked or being revoked; new was issued | old may not be revoked; new is in use, and the rotation did not end
      revoke: old was revoked; new was issued | old was revoked, but not proved dead; new is in use, and the rotation did not end
      prove: old was revoked; new was issued | new is in use, and the rotation did not end"
    `);
    expect(taleBack(plan, "disable")).toMatchInlineSnapshot(`
      "back from disable: old is disabled; new was issued | old was not revoked; new was issued and not revoked
      back-enable..: old is being enabled again; new was issued | old was not revoked; new was issued and not revoked
      back-enable: old is enabled again; new was issued | old was not revoked; new was issued and not revoked
      back-disable..: old is enabled again; new may be disabled | old was not revoked; new was issued and not revoked
      back-disable: old is enabled again; new is disabled | old was not revoked; new was issued and not revoked
      back-revoke..: old is enabled again; new is revoked or being revoked | old was not revoked; new may not be revoked
      back-revoke: old is enabled again; new was revoked | old was not revoked; new was revoked, but not proved dead
      back-prove: old is enabled again; new was revoked | old was not revoked"
    `);
  });

  it("dual, handed in, revoked by a person", () => {
    const plan = rowOf(byHand);
    expect(tale(plan)).toMatchInlineSnapshot(`
      "approved: old works; no new one was issued | old was not revoked
      collect..: old works; no new one was handed in, though somebody may have made one | old was not revoked
      collect: old works; new was handed in | old was not revoked; new was handed in and not revoked
      confirm..: old is to be revoked by a person, who may have done so; new was handed in | old is to be revoked by a person, who has not confirmed it; new is in use, and the rotation did not end
      confirm: old was revoked by a person; new was handed in | old was revoked by a person, but not proved dead; new is in use, and the rotation did not end
      prove: old was revoked by a person; new was handed in | new is in use, and the rotation did not end"
    `);
    expect(taleBack(plan, "publish")).toMatchInlineSnapshot(`
      "back from publish: old works; new was handed in | old was not revoked; new was handed in and not revoked
      back-confirm..: old works; new is to be revoked by a person, who may have done so | old was not revoked; new is to be revoked by a person, who has not confirmed it
      back-confirm: old works; new was revoked by a person | old was not revoked; new was revoked by a person, but not proved dead
      back-prove: old works; new was revoked by a person | old was not revoked"
    `);
  });

  it("dual, nobody knows what is in use", () => {
    const plan = rowOf(byHand, true);
    expect(tale(plan)).toMatchInlineSnapshot(`
      "approved: old? was not touched; no new one was issued | old? was not revoked
      collect..: old? was not touched; no new one was handed in, though somebody may have made one | old? was not revoked
      collect: old? was not touched; new was handed in | old? was not revoked; new was handed in and not revoked
      confirm..: old? is to be revoked by a person, who may have done so; new was handed in | old? is to be revoked by a person, who has not confirmed it; new is in use, and the rotation did not end
      confirm: old? was revoked by a person; new was handed in | old? was revoked by a person, but not proved dead; new is in use, and the rotation did not end
      prove: old? was revoked by a person; new was handed in | new is in use, and the rotation did not end"
    `);
    expect(taleBack(plan, "test")).toMatchInlineSnapshot(`
      "back from test: old? was not touched; new was handed in | old? was not revoked; new was handed in and not revoked
      back-confirm..: old? was not touched; new is to be revoked by a person, who may have done so | old? was not revoked; new is to be revoked by a person, who has not confirmed it
      back-confirm: old? was not touched; new was revoked by a person | old? was not revoked; new was revoked by a person, but not proved dead
      back-prove: old? was not touched; new was revoked by a person | old? was not revoked"
    `);
  });

  it("accept-first", () => {
    const plan = rowOf(acceptFirst);
    expect(tale(plan)).toMatchInlineSnapshot(`
      "approved: old works; no new one was issued | old was not withdrawn
      issue..: old works; new is accepted nowhere yet | old was not withdrawn
      publish..: old works; new is accepted by instances that were restarted | old was not withdrawn; new is accepted by instances that were restarted
      rollout: old works; new is accepted beside the old one | old was not withdrawn; new is accepted beside the old one
      publish-2..: old is in use on some instances, and accepted by all; new is in use on some instances, and accepted by all | old is in use on some instances, and accepted by all; new is in use on some instances, and accepted by all
      rollout-2: old is accepted beside the new one; new is in use | old is accepted beside the new one, and was not withdrawn; new is in use, and the rotation did not end
      publish-3..: old is refused by instances that were restarted; new is in use | old is still accepted by some instances; new is in use, and the rotation did not end
      rollout-3: old is refused; new is in use | new is in use, and the rotation did not end
      prove..: old may still be accepted; new is in use | old may still be accepted; new is in use, and the rotation did not end
      prove: old is refused; new is in use | new is in use, and the rotation did not end
      forget: old is refused, and forgotten; new is in use | new is in use, and the rotation did not end"
    `);
    expect(taleBack(plan, "publish")).toMatchInlineSnapshot(`
      "back from publish: old works; new is accepted by instances that were restarted | old was not withdrawn; new is accepted by instances that were restarted
      back-publish-3..: old is in use; new is refused by instances that were restarted | old is in use, and was not withdrawn; new is still accepted by some instances
      back-rollout-3: old is in use; new is refused | old is in use, and was not withdrawn"
    `);
    expect(taleBack(plan, "publish-2")).toMatchInlineSnapshot(`
      "back from publish-2: old is in use on some instances, and accepted by all; new is in use on some instances, and accepted by all | old is in use on some instances, and accepted by all; new is in use on some instances, and accepted by all
      back-rollout-2: old is in use; new is accepted beside the old one | old is in use, and was not withdrawn; new is accepted beside the old one
      back-publish-3..: old is in use; new is refused by instances that were restarted | old is in use, and was not withdrawn; new is still accepted by some instances
      back-rollout-3: old is in use; new is refused | old is in use, and was not withdrawn"
    `);
    expect(taleBack(plan, "publish-3")).toMatchInlineSnapshot(`
      "back from publish-3: old is refused by instances that were restarted; new is in use | old is still accepted by some instances; new is in use, and the rotation did not end
      back-publish..: old is being accepted again, and some instances may refuse it; new is in use | old is accepted by some instances; new is in use, and the rotation did not end
      back-rollout: old is accepted beside the new one; new is in use | old is accepted beside the new one, and was not withdrawn; new is in use, and the rotation did not end
      back-publish-2..: old is in use on some instances, and accepted by all; new is in use on some instances, and accepted by all | old is in use on some instances, and accepted by all; new is in use on some instances, and accepted by all
      back-rollout-2: old is in use; new is accepted beside the old one | old is in use, and was not withdrawn; new is accepted beside the old one
      back-publish-3..: old is in use; new is refused by instances that were restarted | old is in use, and was not withdrawn; new is still accepted by some instances
      back-rollout-3: old is in use; new is refused | old is in use, and was not withdrawn"
    `);
  });

  it("accept-first, nothing in use yet", () => {
    const plan = rowOf({ ...acceptFirst, present: "none" });
    expect(tale(plan)).toMatchInlineSnapshot(`
      "approved: no old; no new one was issued | 
      issue..: no old; new is accepted nowhere yet | 
      publish..: no old; new is in use on instances that were restarted | new is in use on instances that were restarted
      rollout: no old; new is in use | new is in use, and the rotation did not end"
    `);
    expect(taleBack(plan, "rollout")).toMatchInlineSnapshot(`
      "back from rollout: no old; new is in use | new is in use, and the rotation did not end
      back-publish..: no old; new is refused by instances that were restarted | new is still accepted by some instances
      back-rollout: no old; new is refused | "
    `);
  });
});
