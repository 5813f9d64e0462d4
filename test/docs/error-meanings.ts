/** What codes mean whose sentence is put together from what was seen, by code. Only those: see `unexplained`. */
export const meanings: Readonly<Record<string, string>> = {
  another_key: "an instance makes new things with another key than the one in question",
  cannot_look: "a check could not be looked at for a long time; nothing is concluded from it",
  check_red: "a check that did not fail before has failed, and kept failing; the sentence says which and how",
  inconsistent: "the journal of a rotation and its plan contradict each other: a defect of Keyturn",
  keys_differ: "the keys of a publish are not the same in `values`, in `write` and in `read`; the sentence names one",
  lease_lost: "another worker holds this rotation now, or too little of the lease is left; nothing was sent",
  lost_race: "somebody else wrote to the store between the read and the write; nothing was written, it is read again",
  not_accepted_everywhere:
    "an instance does not accept, or does not use, the credential that it was restarted with; nothing depended on it yet",
  not_carried:
    "what was handed in works, and a place where it is to be published cannot hold it; it is destroyed, and another one is asked for",
  not_listed: "a published key set does not list the key; of an old key that is the refusal that proves its end",
  not_proved: "on the way back, the credential that was to end is not refused, or the one that stays is not accepted",
  old_still_alive:
    "the old credential was revoked and is not refused as a revoked one should be, or the new one is not accepted",
  session_unclear:
    "the login that opens a session, or the session itself, got an answer that is none; the sentence says where",
  stale_plan:
    "what people approved is not true any more: the catalog, the current credential, or a check that is red now",
  template_mismatch: "a value in a store does not have the shape of its template; the sentence says where",
  unclear: "what was typed is not understood; the answer says what",
};
