// One pod of a Deployment that tests look at: answers by HTTP as the file answers.json in FOLDER says, and keeps what it was
// asked beside it. While there is a file `linger` it does not end when it is told to. What is written into `say-<pod>` it
// writes into its log; with a file `crash-<pod>` it dumps its whole environment and ends, as careless applications do.
import { appendFileSync, existsSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import { join } from "node:path";
import { z } from "zod";
import { Answers } from "./answers.ts";
import { dumpOf } from "./dump.ts";

const env = z
  .object({ FOLDER: z.string(), POD_NAME: z.string(), POD_IP: z.string(), PORT: z.coerce.number() })
  .parse(process.env);

createServer((incoming, response) => {
  const chunks: Buffer[] = [];
  incoming.on("data", (chunk: Buffer) => chunks.push(chunk));
  incoming.on("end", () => {
    const all = Answers.parse(JSON.parse(readFileSync(join(env.FOLDER, "answers.json"), "utf8")));
    const { method, url = "", headers } = incoming;
    if (url === "/ready") return void response.writeHead(all.unready.includes(env.POD_NAME) ? 503 : 200).end();
    const request = { pod: env.POD_NAME, method, url, headers, body: Buffer.concat(chunks).toString() };
    appendFileSync(join(env.FOLDER, "asked"), `${JSON.stringify(request)}\n`);
    const answer = all.answers[`${env.POD_NAME}${url}`] ?? all.answers[url] ?? { status: 404, headers: {}, body: {} };
    if (answer === "hang up") return void incoming.socket.destroy();
    response.writeHead(answer.status, { "content-type": "application/json", ...answer.headers });
    response.end(JSON.stringify(answer.body));
  });
}).listen(env.PORT, env.POD_IP);

process.on("SIGTERM", () => {
  setInterval(() => {
    if (!existsSync(join(env.FOLDER, "linger"))) process.exit(0);
  }, 20);
});

setInterval(() => {
  const [say, crash] = [join(env.FOLDER, `say-${env.POD_NAME}`), join(env.FOLDER, `crash-${env.POD_NAME}`)];
  if (existsSync(say)) {
    process.stdout.write(readFileSync(say));
    rmSync(say);
  }
  if (!existsSync(crash)) return;
  rmSync(crash);
  process.stderr.write(dumpOf(process.env), () => process.exit(1));
}, 20);
