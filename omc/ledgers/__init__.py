"""Market knowledge: candles from files and generators, what is missing in them, other facts, and reading as of a time.

Tables: `ledgers_series` (one market at one timeframe from one source), `ledgers_bar` (its candles), `ledgers_import`
(each file taken in or refused), `ledgers_quarantine` (rows left out, with line and reason), `ledgers_observed` (a
named series of other facts) and `ledgers_observation` (its values), `ledgers_seal` (a stretch withheld for an exam),
`ledgers_seal_broken` (one given back).

Invariants: a stored bar never changes and is never deleted (the app's role may only insert it); a missing bar stays
missing; venues are never mixed in one series; a file is taken in by one transaction or not at all; every bar has `ts`,
its opening instant, and `seen_ts`, when it could be known: for a file of history that is the bar's close, or what the
file itself says. When the file came to us stands on its import. No read goes beyond a seal of the market, but those of
the exam and of live trading, which say so.

Callers: engine, lab and floor read through `service` and `frames`; only the doors and this slice's `api` write.
"""
