/** `ctl URL`: asks the supervisor to restart an instance (…/restart/ID) or when it started (…/started/ID); prints the start time. */
const url = process.argv[2] ?? "";
const answer = await fetch(url, { method: url.includes("/restart/") ? "POST" : "GET" });
if (!answer.ok) {
  process.stderr.write(`the supervisor answered ${answer.status}\n`);
  process.exit(1);
}
process.stdout.write(`${await answer.text()}\n`);
