export type Command = {
  readonly usage: string;
  readonly what: string;
  readonly run: (args: readonly string[]) => Promise<number>;
};

/** Every command of the command line, by its name. Each loads what it needs and no more: a rollback waits for no Slack library. */
export const commands: Readonly<Record<string, Command>> = {
  check: {
    usage: "check FILE",
    what: "reads a catalog and names every mistake; opens no connection",
    run: async (args) => (await import("./check.ts")).check(args),
  },
  plan: {
    usage: "plan SECRET ENVIRONMENT [--live]",
    what: "prints the plan as a runbook; --live looks at the real systems too",
    run: async (args) => (await import("./plan.ts")).plan(args),
  },
  adopt: {
    usage: "adopt SECRET ENVIRONMENT",
    what: "reads the real state, changes nothing, prints the commands that make it rotatable",
    run: async (args) => (await import("./adopt.ts")).adopt(args),
  },
  start: { usage: "start", what: "runs the bot", run: async (args) => (await import("./start.ts")).start(args) },
  status: {
    usage: "status [ID] [--json]",
    what: "open rotations, or one of them",
    run: async (args) => (await import("./status.ts")).status(args),
  },
  hold: {
    usage: "hold ID",
    what: "holds a rotation before its next step",
    run: async (args) => (await import("./press.ts")).hold(args),
  },
  rollback: {
    usage: "rollback ID",
    what: "takes a rotation back to the current credential",
    run: async (args) => (await import("./press.ts")).rollback(args),
  },
  audit: {
    usage: "audit verify [--expect HASH]",
    what: "checks the chain of the audit log",
    run: async (args) => (await import("./audit.ts")).auditVerify(args),
  },
};
