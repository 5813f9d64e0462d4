import { consumerContract } from "../../contract/consumer.ts";
import { appWorld } from "./app-world.ts";

consumerContract({ name: "command, seen on a page", makeWorld: () => appWorld("http") });
consumerContract({ name: "command, seen by a digest", makeWorld: () => appWorld("digest") });
