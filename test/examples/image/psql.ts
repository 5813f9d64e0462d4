/** What images of applications have as `psql`: `psql URL -tAc "SELECT 1"`, with a real login; any other command line ends with 64. */
import pg from "pg";

const [url = "", flags, statement, ...more] = process.argv.slice(2);
if (flags !== "-tAc" || statement !== "SELECT 1" || more.length > 0) process.exit(64);
const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 5_000 });
try {
  await client.connect();
  const { rows } = await client.query({ text: statement, rowMode: "array" });
  process.stdout.write(`${rows.join("\n")}\n`);
} catch (error) {
  process.stderr.write(`psql: error: ${String(error)}\n`);
  process.exitCode = 2;
} finally {
  await client.end().catch(() => undefined);
}
