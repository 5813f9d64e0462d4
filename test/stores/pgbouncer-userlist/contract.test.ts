import { storeContract } from "../../contract/store.ts";
import { userlistWorld } from "./userlist-world.ts";

const plain = '; who may log in\n"present" "old"\n"neighbour" "his"\n\n; last\n';
const awkward =
  '; Umlaut \u00c3\u00bc\r\n\r\n  "neighbour"\t"his" rest\t\r\n"a ""b""" "c""d"\r\n;"present" "not this"\r\n"present"   "o""ld" ; why\r\n"last" ""';

storeContract({ name: "pgbouncer-userlist", fence: "fenced", makeWorld: () => userlistWorld(plain) });
storeContract({
  name: "pgbouncer-userlist with CRLF, doubled quotes, text behind the secrets and no line end at the end",
  fence: "fenced",
  makeWorld: () => userlistWorld(awkward),
});
