"""The lab: durable research sessions in which a model, or the built-in analyst, answers a question with evidence.

Tables: `lab_session` (state, spend), `lab_entry` (the transcript, which is the journal), `lab_step` (one row a model
answer or tool run), `lab_evidence` (every tool result: canonical, hashed, numbered), `lab_report` (what was written).

Invariants:

- A step's result, its evidence, its effect in other tables and its events are written in one transaction, fenced by the
  session's `epoch`: a worker that was taken over, or whose session was cancelled, can write nothing any more.
- Evidence is never changed or deleted, and a session can refer to its own evidence only.
- A report refers to figures; it cannot type them. What it types anyway is marked.
- Nothing here can place an order: no import leads to `floor` or `venues`.

Called by the doors (`app`, `worker`, `cli`) and by `ops`.
"""
