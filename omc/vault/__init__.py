"""The vault: which models and credentials there are. This far it owns one table in code, `PROVIDERS`, and no rows.

Called by the lab, which lists models and builds them. Sealed credentials stand here next: they are opened inside the
step that calls the network and nowhere else.
"""
