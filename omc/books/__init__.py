"""Profit and loss: append-only facts, and every figure a pure fold over them.

Tables: `books_fact` (what happened, when it happened and when we learned it), `books_leg` (its balanced movements,
which sum to zero in every asset), `books_mark` (a price with its source and instant). No row is changed or deleted.
Invariants: a client id is posted once an account; cost acquired = cost released + open cost, and the sum of the lots is
the position, both checked after every event. Who may call: `floor`, `ops`, `lab` (to read) and the doors. The books
learn of fills, never of orders.
"""
