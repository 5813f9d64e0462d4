/** What the app's manifest grants and registers; the emulator allows nothing else. */
export interface Manifest {
  readonly scopes: readonly string[];
  readonly events: readonly string[];
  readonly commands: readonly ManifestCommand[];
  readonly shortcuts: readonly ManifestShortcut[];
}

export interface ManifestCommand {
  readonly command: string;
  readonly usageHint: string;
}

export interface ManifestShortcut {
  readonly name: string;
  readonly type: "global" | "message";
  readonly callbackId: string;
}

/** The same as manifest.yml at the top of the repository. */
export const defaultManifest: Manifest = {
  scopes: [
    "commands",
    "chat:write",
    "users:read",
    "usergroups:read",
    "channels:read",
    "groups:read",
    "im:write",
    "app_mentions:read",
  ],
  events: [
    "app_mention",
    "channel_shared",
    "subteam_members_changed",
    "subteam_updated",
    "user_change",
    "tokens_revoked",
    "app_uninstalled",
  ],
  commands: [
    {
      command: "/rotate",
      usageHint: "<secret> <environment> [leaked] [because ...] | plan | list | status | cancel | help",
    },
  ],
  shortcuts: [{ name: "Rotate secret from this", type: "message", callbackId: "rotate_message" }],
};
