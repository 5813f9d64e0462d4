import { acceptFirstContract } from "../../contract/rotator-accept-first.ts";
import { makeWorld } from "./world.ts";

acceptFirstContract({ name: "generated", accepts: false, makeWorld });
