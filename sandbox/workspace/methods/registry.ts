import { getPermalink, remove, update } from "./chat-edit.ts";
import { postEphemeral, postMessage } from "./chat-post.ts";
import { conversationsInfo, conversationsList, conversationsMembers, conversationsOpen } from "./conversations.ts";
import { conversationsHistory, conversationsReplies } from "./history.ts";
import type { Method } from "./method.ts";
import { reactionsAdd, reactionsGet, reactionsRemove } from "./reactions.ts";
import { authTest, connectionsOpen, teamInfo } from "./session.ts";
import { usergroupsList, usergroupsUsersList } from "./usergroups.ts";
import { lookupByEmail, usersConversations, usersInfo, usersList } from "./users.ts";
import { viewsOpen, viewsPublish, viewsPush, viewsUpdate } from "./views.ts";

/** Every Web API method that the workspace knows, by name. */
export const methods: ReadonlyMap<string, Method> = new Map(
  [
    authTest,
    connectionsOpen,
    teamInfo,
    postMessage,
    postEphemeral,
    update,
    remove,
    getPermalink,
    viewsOpen,
    viewsPush,
    viewsUpdate,
    viewsPublish,
    usersInfo,
    usersList,
    lookupByEmail,
    usersConversations,
    usergroupsList,
    usergroupsUsersList,
    conversationsInfo,
    conversationsList,
    conversationsMembers,
    conversationsOpen,
    conversationsHistory,
    conversationsReplies,
    reactionsAdd,
    reactionsRemove,
    reactionsGet,
  ].map((one) => [one.name, one]),
);
