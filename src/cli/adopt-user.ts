import { adoptRedisAcl } from "../rotators/redis-acl/adoption.ts";
import { line } from "./output.ts";
import { presentLogin } from "./present-login.ts";
import type { Found } from "./target.ts";

type Step = Awaited<ReturnType<typeof adoptRedisAcl>>[number];

/**
 * The way to users that rotate, as a POSIX shell script that stops at the first error. What would refuse somebody is a
 * comment: a person runs it by hand, when it is time.
 */
export async function adoptUser(found: Found): Promise<number> {
  const { nameless, ...present } = await presentLogin(found);
  const steps = await adoptRedisAcl(found.target.rotator, found.context, present);
  const safe = steps.filter(({ effect }) => effect === "refuses nobody");
  const cuts = steps.filter(({ effect }) => effect === "refuses some");
  if (safe.some(({ commands }) => commands.length > 0)) {
    line(
      "# for a POSIX shell: keyturn adopt ... | sh, with the present password in REDISCLI_AUTH and Keyturn's own in",
    );
    line("# KEYTURN_REDIS_PASSWORD; applications keep their password and are not refused");
    line("set -e");
  } else {
    line("# nothing is to be run: the server is as it should be");
  }
  safe.forEach((step) => show(step, ""));
  for (const { label, key, template } of nameless) {
    line(
      `# then put the user name into ${key} in ${label}, and restart its readers one after the other; it looks like`,
    );
    line(`#   ${template}`);
  }
  if (cuts.length > 0) {
    line("#");
    line("# BY HAND, LATER: each of these refuses somebody");
    cuts.forEach((step) => show(step, "#   "));
  }
  return 0;
}

function show({ title, why, commands, undo }: Step, mark: string): void {
  line(`# ${title}: ${why}`);
  commands.forEach((command) => line(`${mark}${command}`));
  undo.forEach((text) => line(`#   undo: ${text}`));
}
