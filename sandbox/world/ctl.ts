/** `ctl URL`: asks whoever keeps a world to restart the instance that the URL names; ends with 1 when it did not restart. */
const answer = await fetch(process.argv[2] ?? "", { method: "POST" });
if (!answer.ok) {
  process.stderr.write(`the instance was not restarted (${answer.status})\n`);
  process.exit(1);
}
