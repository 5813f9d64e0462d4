import { stateContract } from "../contract/state.ts";
import { stateWorld } from "./world.ts";

stateContract("PostgreSQL 18", stateWorld);
