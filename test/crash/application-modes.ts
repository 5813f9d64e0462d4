export const applicationModes = ["generated single", "http-api single"] as const;
export type ApplicationMode = (typeof applicationModes)[number];
