import { loginCheck } from "../../src/checks/login/check.ts";
import type { Trial } from "../../src/core/ports.ts";
import { checkContract } from "../contract/check.ts";
import { scopeOf } from "./scope.ts";

checkContract({
  name: "login",
  makeWorld: () => {
    let trial: Trial = { verdict: "accepted", ms: 12.4 };
    const become = (next: Trial) => (): Promise<void> => {
      trial = next;
      return Promise.resolve();
    };
    return Promise.resolve({
      bound: loginCheck().bind({ kind: "login" }),
      scope: () => Promise.resolve(scopeOf({ login: () => Promise.resolve(trial) })),
      breakIt: become({ verdict: "refused", code: "28P01" }),
      hideIt: become({ verdict: "unknown", code: "57P03", sentence: "the server is starting up" }),
      forgives: false,
      secrets: ["no secret reaches a login check"],
      close: () => Promise.resolve(),
    });
  },
});
