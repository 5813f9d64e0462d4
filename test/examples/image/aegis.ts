/** What Cloud Aegis has as `./aegis`: `./aegis health` says how its database is, by a real login; any other command line ends with 64. */
import { loginWith } from "../../../sandbox/world/login.ts";

const [command, ...more] = process.argv.slice(2);
if (command !== "health" || more.length > 0) process.exit(64);
const { outcome, sentence } = await loginWith("postgres", process.env["DATABASE_URL"] ?? "", "aegis health").login();
const word = outcome === "accepted" ? "healthy" : `unhealthy (${sentence})`;
process.stdout.write(`version: 1.9.0\ndatabase: ${word}\nmode: production\n`);
process.exitCode = outcome === "accepted" ? 0 : 1;
