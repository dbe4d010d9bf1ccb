"""Who somebody is: workspaces, people, their sessions in a browser, API tokens and one-time sign-in links.

Tables: `identity_workspace`, `identity_person`, `identity_member`, `identity_session`, `identity_token`,
`identity_link`, and `identity_installation` (one row: the workspace and owner that the installation itself made).

Invariants:

- A password is kept as Argon2id; a session, a token and a link as a hash only. Each is shown once, to whom it belongs.
- Before a workspace is known, a row is visible only to a caller who presents its hash, address or person. The app's
  role can list nothing else, and can write nothing outside the workspace of its transaction.
- A link works once. A session ends after a month, or after a week unused; a new password ends all older sessions.
- A cookie counts for an unsafe verb only together with the CSRF value that is derived from it; a token needs none.
- Unknown and known addresses are answered in the same time and words.

Called by every slice's `api` (who is asking, and the transaction in his workspace) and by the doors.
"""
