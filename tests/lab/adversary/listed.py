"""All named attacks, in the order in which the table shows them."""

from tests.lab.adversary import attacks_data, attacks_floods, attacks_powers, attacks_reports, attacks_tools
from tests.lab.adversary.cases import Case

CASES: tuple[Case, ...] = (
    *attacks_powers.CASES,
    *attacks_data.CASES,
    *attacks_tools.CASES,
    *attacks_reports.CASES,
    *attacks_floods.CASES,
)
