/** Who decides in every lane: two people of two groups, and cuts are allowed. */
export const policies = {
  test: {
    channel: "#security-ops",
    requesters: ["@oncall", "@security"],
    approvals: [
      { from: "@security", min: 1 },
      { from: "@oncall", min: 1 },
    ],
    expires: "30m",
    oncall: "@oncall",
    allowSingle: true,
  },
} as const;
