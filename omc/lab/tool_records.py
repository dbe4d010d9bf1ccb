"""How each model's tool calls went in the workspace's sessions, for the comparison of models."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from omc.vault.comparing import ToolRecord

# A tool's step belongs to the call that asked for it: the last one answered before it, whichever model that was
# after a fallback.
_RECORDS = text("""
SELECT asked.credential_id, asked.model, count(*) AS calls, count(*) FILTER (WHERE step.ok) AS succeeded
FROM lab_step step
CROSS JOIN LATERAL (
  SELECT call.credential_id, call.model FROM vault_call call
  WHERE call.workspace_id = step.workspace_id AND call.session_id = step.session_id AND call.step < step.number
    AND call.state = 'settled' AND call.failure IS NULL
  ORDER BY call.step DESC, call.started_at DESC LIMIT 1
) AS asked
WHERE step.workspace_id = current_setting('omc.workspace')::uuid AND step.kind = 'tool' AND step.ok IS NOT NULL
  AND step.started_at >= :since
GROUP BY asked.credential_id, asked.model
""")


async def tool_records(session: AsyncSession, since: datetime) -> dict[tuple[UUID, str], ToolRecord]:
    """Return, by key and model, how many tool calls since then there were and how many succeeded."""
    rows = await session.execute(_RECORDS, {"since": since})
    return {(row.credential_id, row.model): ToolRecord(calls=row.calls, succeeded=row.succeeded) for row in rows}
