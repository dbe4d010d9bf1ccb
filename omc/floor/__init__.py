"""Trading: deployments of approved versions, their orders and fills, limits, and the kill switch.

Tables: `floor_deployment` (a version at work under limits, and how far it is), `floor_order` (ours, denied ones too),
`floor_fill` (append-only), `floor_switch` (one a workspace). Invariants: a deployment runs exactly what a person saw on
its card; a bar's decision, its order, the fills and their posting to the books are one transaction with the cursor, so
a process killed anywhere leaves the same books; a thrown switch denies every new order until a person resumes. Who may
call: `ops` and the doors. The lab cannot reach this package.
"""
