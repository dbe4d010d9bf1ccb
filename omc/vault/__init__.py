"""The vault: providers, sealed keys, what calls cost, and the calls themselves.

Tables: `vault_credential`, `vault_preset`, `vault_price`, `vault_cap`, `vault_budget`, `vault_call`, `vault_root`.

Invariants: a key is sealed before it is stored and opens at its own workspace and credential only; no answer, entry or
log has more of it than its hint; a key that never passed its test is never chosen by itself; no cap is passed by what
is settled. Called by the lab, the terminal and its own routes; a plain key comes from `opening` alone.
"""
