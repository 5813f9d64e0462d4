import { storeContract } from "../../contract/store.ts";
import { envWorld } from "./env-world.ts";

const plain = "# who reads this\nFIRST=1\nPRESENT=old\nNEIGHBOUR=his\n\n# last\n";
const awkward =
  "\u00ef\u00bb\u00bf# Umlaut \u00c3\u00bc\r\n\r\n  NEIGHBOUR=his\t\r\nexport OTHER=\"a\r\nPRESENT=not this\r\n\"\r\nPRESENT = 'old' # why\r\nbare";

storeContract({ name: "env-file", fence: "fenced", makeWorld: () => envWorld(plain) });
storeContract({
  name: "env-file with CRLF, a BOM, several lines in a value and no line end at the end",
  fence: "fenced",
  makeWorld: () => envWorld(Buffer.from(awkward, "latin1").toString("utf8")),
});
