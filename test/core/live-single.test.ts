import { describe, expect, it } from "vitest";
import type { Answers } from "../../src/core/algebra.ts";
import { rowOf, tale, taleBack } from "./live-tale.ts";

const atConsumer: Partial<Answers> = { overlap: "single", triedAt: "consumer" };

// STEP.. is under way or of unknown outcome, STEP is done; behind the bar stands what is left when it is abandoned then.
describe("what is alive, step by step, where the old one dies as the new one is born", () => {
  it("single", () => {
    const plan = rowOf({ overlap: "single" });
    expect(tale(plan)).toMatchInlineSnapshot(`
      "approved: old works; no new one was issued | old was not replaced
      publish..: old works; new may stand in stores, and nothing accepts it | old was not replaced; new may stand in stores, and nothing accepts it
      publish: old works; new stands in stores, and nothing accepts it | old was not replaced; new stands in stores, and nothing accepts it
      issue..: old may be refused already; new may have been issued, and stands in stores | old may still be accepted; new may have been issued, and stands in stores
      issue: old is refused; new was issued | new is the only one that works: see that every store holds it and everybody runs on it
      rollout: old is refused; new was issued | new is in use, and the rotation did not end
      prove..: old may still be accepted; new was issued | old may still be accepted; new is in use, and the rotation did not end
      prove: old is refused; new was issued | new is in use, and the rotation did not end"
    `);
    expect(taleBack(plan, "publish")).toMatchInlineSnapshot(`
      "back from publish: old works; new stands in stores, and nothing accepts it | old was not replaced; new stands in stores, and nothing accepts it
      back-publish..: old works; new may stand in stores, and nothing accepts it | old was not replaced; new may stand in stores, and nothing accepts it
      back-publish: old works; no new one was issued | old was not replaced"
    `);
    expect(taleBack(plan, "verify")).toMatchInlineSnapshot(`
      "back from verify: old is refused; new was issued | new is the only one that works: see that every store holds it and everybody runs on it
      back-publish..: old is refused, and stores may hold it again; new was issued | new is the only one that works: see that every store holds it and everybody runs on it
      back-publish: old is refused, and stores hold it again; new was issued | new is the only one that works: see that every store holds it and everybody runs on it
      back-issue..: old may work again; new may be refused | old may work again; new may still be accepted
      back-issue: old works again; new is refused | old is the only one that works: see that every store holds it and everybody runs on it
      back-rollout: old works again; new is refused | old is in use again"
    `);
  });

  it("single, nothing in use yet", () => {
    const plan = rowOf({ overlap: "single", present: "none" });
    expect(tale(plan)).toMatchInlineSnapshot(`
      "approved: no old; no new one was issued | 
      publish..: no old; new may stand in stores, and nothing accepts it | new may stand in stores, and nothing accepts it
      publish: no old; new stands in stores, and nothing accepts it | new stands in stores, and nothing accepts it
      issue..: no old; new may have been issued, and stands in stores | new may have been issued, and stands in stores
      issue: no old; new was issued | new is the only one that works: see that every store holds it and everybody runs on it
      rollout: no old; new was issued | new is in use, and the rotation did not end"
    `);
    expect(taleBack(plan, "publish")).toMatchInlineSnapshot(`
      "back from publish: no old; new stands in stores, and nothing accepts it | new stands in stores, and nothing accepts it
      back-publish..: no old; new may stand in stores, and nothing accepts it | new may stand in stores, and nothing accepts it
      back-publish: no old; no new one was issued | "
    `);
  });

  it("single, broken", () => {
    const plan = rowOf({ overlap: "single", present: "broken" });
    expect(tale(plan)).toMatchInlineSnapshot(`
      "approved: old was refused before this began; no new one was issued | old was not replaced
      publish..: old was refused before this began; new may stand in stores, and nothing accepts it | old was not replaced; new may stand in stores, and nothing accepts it
      publish: old was refused before this began; new stands in stores, and nothing accepts it | old was not replaced; new stands in stores, and nothing accepts it
      issue..: old may be refused already; new may have been issued, and stands in stores | old may still be accepted; new may have been issued, and stands in stores
      issue: old is refused; new was issued | new is the only one that works: see that every store holds it and everybody runs on it
      rollout: old is refused; new was issued | new is in use, and the rotation did not end
      prove..: old may still be accepted; new was issued | old may still be accepted; new is in use, and the rotation did not end
      prove: old is refused; new was issued | new is in use, and the rotation did not end"
    `);
  });

  it("single, minted", () => {
    const plan = rowOf({ overlap: "single", origin: "minted" });
    expect(tale(plan)).toMatchInlineSnapshot(`
      "approved: old works; no new one was issued | old was not replaced
      issue..: old may be refused already; new? may have been issued | old may still be accepted; new? may have been issued
      issue: old is refused; new was issued | new is the only one that works: see that every store holds it and everybody runs on it
      rollout: old is refused; new was issued | new is in use, and the rotation did not end
      prove..: old may still be accepted; new was issued | old may still be accepted; new is in use, and the rotation did not end
      prove: old is refused; new was issued | new is in use, and the rotation did not end"
    `);
  });

  it("single, handed in", () => {
    const plan = rowOf({ overlap: "single", origin: "handed-in" });
    expect(tale(plan)).toMatchInlineSnapshot(`
      "approved: old works; no new one was issued | old was not replaced
      collect..: old may be refused already; no new one was handed in, though somebody may have made one | old may still be accepted
      collect: old is refused; new was handed in | new is the only one that works: see that every store holds it and everybody runs on it
      rollout: old is refused; new was handed in | new is in use, and the rotation did not end
      prove..: old may still be accepted; new was handed in | old may still be accepted; new is in use, and the rotation did not end
      prove: old is refused; new was handed in | new is in use, and the rotation did not end"
    `);
  });

  it("single, nobody knows what is in use", () => {
    const plan = rowOf({ overlap: "single" }, true);
    expect(tale(plan)).toMatchInlineSnapshot(`
      "approved: old? was not touched; no new one was issued | old? was not replaced
      publish..: old? was not touched; new may stand in stores, and nothing accepts it | old? was not replaced; new may stand in stores, and nothing accepts it
      publish: old? was not touched; new stands in stores, and nothing accepts it | old? was not replaced; new stands in stores, and nothing accepts it
      issue..: old? may be refused already; new may have been issued, and stands in stores | old? may still be accepted; new may have been issued, and stands in stores
      issue: old? is refused; new was issued | new is the only one that works: see that every store holds it and everybody runs on it
      rollout: old? is refused; new was issued | new is in use, and the rotation did not end
      prove..: old? may still be accepted; new was issued | old? may still be accepted; new is in use, and the rotation did not end
      prove: old? is refused; new was issued | new is in use, and the rotation did not end"
    `);
  });

  it("single, tried at the consumer", () => {
    const plan = rowOf(atConsumer);
    expect(tale(plan)).toMatchInlineSnapshot(`
      "approved: old works; no new one was issued | old was not replaced
      publish..: old works; new may stand in stores, and what restarts runs on it | old was not replaced; new may stand in stores, and what restarts runs on it
      publish: old works; new stands in stores, and what restarts runs on it | old was not replaced; new stands in stores, and what restarts runs on it
      rollout..: old is refused wherever the new one runs; new runs on instances that have read it | old may be in use on some instances; new may be in use on some instances
      rollout: old is refused; new is in use | new is in use, and the rotation did not end
      prove..: old may still be accepted; new is in use | old may still be accepted; new is in use, and the rotation did not end
      prove: old is refused; new is in use | new is in use, and the rotation did not end"
    `);
    expect(taleBack(plan, "publish")).toMatchInlineSnapshot(`
      "back from publish: old works; new stands in stores, and what restarts runs on it | old was not replaced; new stands in stores, and what restarts runs on it
      back-publish..: old works; new may stand in stores, and what restarts runs on it | old was not replaced; new may stand in stores, and what restarts runs on it
      back-publish: old works; new may run where something was restarted meanwhile | old was not replaced; new may run where something was restarted meanwhile
      back-rollout..: old works on instances that were restarted; new may run on instances that were not | old may be in use on some instances; new may be in use on some instances
      back-rollout: old works again; new is refused | old is in use again"
    `);
    expect(taleBack(plan, "verify")).toMatchInlineSnapshot(`
      "back from verify: old is refused; new is in use | new is in use, and the rotation did not end
      back-publish..: old is refused, and stores may hold it again; new is in use | new is the only one that works: see that every store holds it and everybody runs on it
      back-publish: old is refused, and stores hold it again; new is in use | new is the only one that works: see that every store holds it and everybody runs on it
      back-rollout..: old works on instances that were restarted; new may run on instances that were not | old may be in use on some instances; new may be in use on some instances
      back-rollout: old works again; new is refused | old is in use again"
    `);
  });

  it("single, tried at the consumer, nothing in use yet", () => {
    const plan = rowOf({ ...atConsumer, present: "none" });
    expect(tale(plan)).toMatchInlineSnapshot(`
      "approved: no old; no new one was issued | 
      publish..: no old; new may stand in stores, and what restarts runs on it | new may stand in stores, and what restarts runs on it
      publish: no old; new stands in stores, and what restarts runs on it | new stands in stores, and what restarts runs on it
      rollout..: no old; new runs on instances that have read it | new may be in use on some instances
      rollout: no old; new is in use | new is in use, and the rotation did not end"
    `);
    expect(taleBack(plan, "rollout")).toMatchInlineSnapshot(`
      "back from rollout: no old; new is in use | new is in use, and the rotation did not end
      back-publish..: no old; new is in use | new is the only one that works: see that every store holds it and everybody runs on it
      back-rollout..: no old; new may run on instances that were not | new may be in use on some instances
      back-rollout: no old; new is refused | "
    `);
  });

  it("single, tried at the consumer, nobody knows what is in use", () => {
    const plan = rowOf(atConsumer, true);
    expect(tale(plan)).toMatchInlineSnapshot(`
      "approved: old? was not touched; no new one was issued | old? was not replaced
      publish..: old? was not touched; new may stand in stores, and what restarts runs on it | old? was not replaced; new may stand in stores, and what restarts runs on it
      publish: old? was not touched; new stands in stores, and what restarts runs on it | old? was not replaced; new stands in stores, and what restarts runs on it
      rollout..: old? is refused wherever the new one runs; new runs on instances that have read it | old? may be in use on some instances; new may be in use on some instances
      rollout: old? is refused; new is in use | new is in use, and the rotation did not end
      prove..: old? may still be accepted; new is in use | old? may still be accepted; new is in use, and the rotation did not end
      prove: old? is refused; new is in use | new is in use, and the rotation did not end"
    `);
  });
});
