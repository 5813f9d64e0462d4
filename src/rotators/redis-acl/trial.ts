import type { Credential } from "../../core/credential.ts";
import type { Trial } from "../../core/ports.ts";
import { readUser } from "./acl-user.ts";
import type { AdminSession } from "./admin-login.ts";
import { codeOf, readableError, replyOf } from "./reply-error.ts";
import type { Scope } from "./scope.ts";

/**
 * Logs in once at every node, each time in a connection of its own, and says PING. Accepted and refused are said only when
 * all nodes agree. A user that needs no password proves nothing: unknown. Throws when a node could not be asked.
 */
export async function trial(scope: Scope, credential: Credential): Promise<Trial> {
  const nodes = await scope.fleet.nodes();
  const began = process.hrtime.bigint();
  const trials = await Promise.all(
    nodes.map(async (node) => ({ node: node.node, trial: await tryAt(scope, node, credential) })),
  );
  const ms = Number((process.hrtime.bigint() - began) / 1_000_000n);
  const [first] = trials;
  if (first === undefined) return { verdict: "unknown", code: "no_node", sentence: "there is no node to log in at" };
  const unclear = trials.find((each) => each.trial.verdict === "unknown");
  if (unclear !== undefined) return unclear.trial;
  if (trials.every((each) => each.trial.verdict === first.trial.verdict)) {
    return first.trial.verdict === "accepted" ? { verdict: "accepted", ms } : first.trial;
  }
  const refusing = trials.filter((each) => each.trial.verdict === "refused").map(({ node }) => node);
  return {
    verdict: "unknown",
    code: "nodes_differ",
    sentence: `${refusing.join(", ")} refused it, the other nodes accepted it`,
  };
}

async function tryAt(scope: Scope, node: AdminSession, credential: Credential): Promise<Trial> {
  const { principal } = credential.ref;
  if ((await readUser(node, principal))?.nopass === true) {
    return {
      verdict: "unknown",
      code: "nopass",
      sentence: `${principal} needs no password at ${node.node}: any would be accepted`,
    };
  }
  const connection = await scope.fleet.visit(node.address);
  try {
    const password = credential.secret["password"]?.reveal() ?? "";
    await connection.raw("AUTH", credential.public["username"] ?? principal, password);
    // So that our own login is no use of it; a user that may not name itself is gone when QUIT returns.
    await connection.raw("CLIENT", "SETNAME", scope.context.session.name).catch(ignoreReply);
    await connection.raw("PING").catch(ignoreMissingRight);
    return { verdict: "accepted", ms: 0 };
  } catch (error) {
    const reply = replyOf(error);
    if (reply === undefined) throw readableError(error, node.node, "AUTH");
    const code = codeOf(reply);
    if (code === "WRONGPASS") return { verdict: "refused", code };
    return { verdict: "unknown", code, sentence: readableError(error, node.node, "the login").message };
  } finally {
    await connection.quit();
  }
}

/** A right that the user lacks says nothing against its password. */
function ignoreMissingRight(error: unknown): void {
  if (replyOf(error)?.startsWith("NOPERM") !== true) throw error;
}

function ignoreReply(error: unknown): void {
  if (replyOf(error) === undefined) throw error;
}
