"""Watching the house: the health of its parts, the audit trail, and the one live stream that a browser follows.

Tables: none; it reads the queue's, the event log's and the ledgers'. It changes nothing.

Called by the doors. It shows each caller his own workspace's trail and events; of shared parts only counts and ages.
"""
