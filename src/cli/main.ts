#!/usr/bin/env node
import { nearest } from "../core/nearest.ts";
import { commands } from "./commands.ts";
import { complain, failure, line } from "./output.ts";

const [name = "help", ...args] = process.argv.slice(2);
const command = Object.hasOwn(commands, name) ? commands[name] : undefined;
const asksForHelp = ["help", "--help", "-h"];
if (command === undefined) {
  process.exitCode = asksForHelp.includes(name) ? help() : unknown();
} else if (args.some((arg) => asksForHelp.slice(1).includes(arg))) {
  line(`usage: keyturn ${command.usage}`);
  line(`  ${command.what}`);
} else {
  process.exitCode = await command.run(args).catch(failure);
}

function help(): number {
  for (const { usage, what } of Object.values(commands)) {
    line(`keyturn ${usage.padEnd(38)} ${what}`);
  }
  line("");
  line(
    "check, plan and adopt read the catalog in KEYTURN_CATALOG, or --catalog FILE; status, hold, rollback and audit need",
  );
  line("DATABASE_URL or KEYTURN_DATA and the seal key. Exit codes: 0 fine, 1 something is wrong, 2 not understood.");
  return 0;
}

function unknown(): number {
  const meant = nearest(name, Object.keys(commands));
  complain(`there is no command "${name}"${meant === undefined ? "" : `; did you mean "${meant}"?`}`);
  complain(`  there are ${Object.keys(commands).join(", ")}; keyturn help says what each does`);
  return 2;
}
