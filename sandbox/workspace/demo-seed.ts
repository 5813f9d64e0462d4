import type { WorkspaceSeed } from "./seed.ts";

/**
 * A small company: on-call and security people who can turn the key together, and everybody who must not be able to
 * (a guest, a deactivated account, somebody of another company in a shared channel).
 */
export function demoSeed(): WorkspaceSeed {
  return {
    team: { id: "T0SANDBOX", domain: "northwind", name: "Northwind" },
    bot: { handle: "keyturn", name: "Keyturn" },
    users: [
      { id: "U0OLIVIA", handle: "olivia", name: "Olivia Marsh", title: "On-call engineer" },
      { id: "U0ADA", handle: "ada", name: "Ada Bergström", title: "Security engineer" },
      { id: "U0LIN", handle: "lin", name: "Lin Okafor", title: "On-call engineer" },
      { id: "U0GRACE", handle: "grace", name: "Grace Tanaka", title: "Head of security" },
      { id: "U0PRIYA", handle: "priya", name: "Priya Nair", title: "Platform lead" },
      { id: "U0GUEST", handle: "gus", name: "Gus Weber", title: "Contractor (guest)", is_restricted: true },
      { id: "U0GONE", handle: "dana", name: "Dana Fox", title: "Left the company", deleted: true },
      { id: "U0VENDOR", handle: "vera", name: "Vera Holt", title: "Acme Hosting (external)", is_stranger: true },
    ],
    usergroups: [
      { id: "S0ONCALL", handle: "oncall", name: "On-call", members: ["U0OLIVIA", "U0LIN"] },
      { id: "S0SECURITY", handle: "security", name: "Security", members: ["U0ADA", "U0GRACE"] },
      { id: "S0PLATFORM", handle: "platform", name: "Platform", members: ["U0PRIYA", "U0LIN"] },
      { id: "S0LEADS", handle: "platform-leads", name: "Platform leads", members: ["U0PRIYA"] },
    ],
    channels: [
      { id: "C0SUPPORT", name: "platform-support", topic: "Ask the platform team", botIsMember: true },
      { id: "C0SECOPS", name: "security-ops", topic: "Approvals and incidents", botIsMember: true, members: secops },
      { id: "C0RANDOM", name: "random", topic: "Anything else", botIsMember: false },
      {
        id: "C0VENDOR",
        name: "shared-vendor",
        topic: "With Acme Hosting",
        botIsMember: true,
        is_ext_shared: true,
        members: ["U0OLIVIA", "U0PRIYA", "U0VENDOR"],
      },
    ],
    messages: [
      {
        channel: "C0SUPPORT",
        user: "U0PRIYA",
        text: "Maintenance of the staging cluster is finished.",
        minutesAgo: 52,
      },
      {
        channel: "C0SUPPORT",
        user: "U0LIN",
        text: "Heads up: somebody pasted a connection string into ticket 4812. I removed it, but it stood there for a day.",
        minutesAgo: 9,
        name: "leak",
      },
      {
        channel: "C0SUPPORT",
        user: "U0OLIVIA",
        text: "Thanks, I will rotate it now.",
        minutesAgo: 7,
        replyTo: "leak",
      },
      { channel: "C0SECOPS", user: "U0GRACE", text: "Ada and I are here until six today.", minutesAgo: 95 },
      { channel: "C0RANDOM", user: "U0ADA", text: "Cake in the kitchen.", minutesAgo: 130 },
    ],
  };
}

const secops = ["U0ADA", "U0GRACE", "U0OLIVIA", "U0LIN", "U0PRIYA"];
