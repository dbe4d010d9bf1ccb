"""The typed ids of the house: a wrong id in the right place is a type error."""

from typing import NewType
from uuid import UUID

WorkspaceId = NewType("WorkspaceId", UUID)
PersonId = NewType("PersonId", UUID)
SeriesId = NewType("SeriesId", UUID)
ImportId = NewType("ImportId", UUID)
StrategyId = NewType("StrategyId", UUID)
VersionId = NewType("VersionId", UUID)
BacktestId = NewType("BacktestId", UUID)
SessionId = NewType("SessionId", UUID)
DeploymentId = NewType("DeploymentId", UUID)
OrderId = NewType("OrderId", UUID)
FillId = NewType("FillId", UUID)
FactId = NewType("FactId", UUID)
EvidenceNumber = NewType("EvidenceNumber", int)
