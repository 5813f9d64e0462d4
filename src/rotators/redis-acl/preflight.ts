import type { Credential } from "../../core/credential.ts";
import { GiveUp, KeyturnError } from "../../core/errors.ts";
import type { Finding } from "../../core/ports.ts";
import type { AdminSession } from "./admin-login.ts";
import { versionOf } from "./hops.ts";
import { findClusterTrouble } from "./preflight-cluster.ts";
import { findDefaultTrouble } from "./preflight-default.ts";
import { findPersistenceTrouble } from "./preflight-persistence.ts";
import { findReplicationTrouble } from "./preflight-replication.ts";
import { findMissingRights } from "./preflight-rights.ts";
import { findSentinelTrouble } from "./preflight-sentinel.ts";
import { findTurnTrouble } from "./preflight-turns.ts";
import { findUserTrouble } from "./preflight-users.ts";
import type { Scope } from "./scope.ts";

/** One look at one node. It only reads. */
export type NodeCheck = (
  scope: Scope,
  node: AdminSession,
  current: Credential | undefined,
) => Promise<readonly Finding[]>;

const nodeChecks: readonly NodeCheck[] = [
  async (_scope, node) => findOldVersion(node),
  findMissingRights,
  findUserTrouble,
  findTurnTrouble,
  findDefaultTrouble,
  findPersistenceTrouble,
  findReplicationTrouble,
  findClusterTrouble,
];

/** Everything that would make the rotation fail or mean less than it says, at all nodes and Sentinels, at once. */
export async function preflight(scope: Scope, current: Credential | undefined): Promise<readonly Finding[]> {
  const { nodes, missing } = await scope.fleet.look();
  const checks = nodes.flatMap((node) => nodeChecks.map((check) => asFindings(check(scope, node, current))));
  const found = await Promise.all([...checks, asFindings(findSentinelTrouble(scope, nodes))]);
  return [...missing.map(({ node, error }) => unreachable(node, error)), ...findPlainPath(scope), ...found.flat()];
}

/** What the server does not let us look at is a finding too; what could not be looked at at all is thrown. */
async function asFindings(check: Promise<readonly Finding[]>): Promise<readonly Finding[]> {
  try {
    return await check;
  } catch (error) {
    if (!(error instanceof GiveUp)) throw error;
    return [
      {
        severity: "error",
        code: error.code,
        sentence: error.message,
        ...(error.hint === undefined ? {} : { hint: error.hint }),
      },
    ];
  }
}

function unreachable(node: string, error: unknown): Finding {
  const known = error instanceof KeyturnError ? error : undefined;
  return {
    severity: "error",
    code: known?.code ?? "unreachable",
    sentence: known?.message ?? `${node} could not be looked at`,
    hint: known?.hint ?? "every server must take the new password before any application uses it",
  };
}

function findOldVersion(node: AdminSession): readonly Finding[] {
  const version = versionOf(node);
  const major = Number.parseInt(version, 10);
  if (major >= 7) return [];
  if (major >= 6) {
    return [
      {
        severity: "warning",
        code: "version_old",
        sentence: `${node.node} is version ${version}, whose rights cannot be checked without using them`,
        hint: "7.0 and later answer ACL DRYRUN",
      },
    ];
  }
  return [
    {
      severity: "error",
      code: "version_old",
      sentence: `${node.node} is version ${version}; ACL users exist since 6.0`,
    },
  ];
}

function findPlainPath({ config }: Scope): readonly Finding[] {
  const open = [config.url, ...(config.nodes ?? [])].find(
    (url) => url.startsWith("redis:") && !isLoopback(new URL(url).hostname),
  );
  if (open === undefined) return [];
  return [
    {
      severity: "warning",
      code: "no_tls",
      sentence: "passwords cross the network in plain text",
      hint: "use rediss:// here and in the applications",
    },
  ];
}

function isLoopback(host: string): boolean {
  return host === "localhost" || host === "[::1]" || host.startsWith("127.");
}
