"""After the planted faults, print the table: notebook, fault, and the cell that caught it."""

from operator import itemgetter


def pytest_terminal_summary(terminalreporter):
    reports = [each for kind in ("passed", "failed") for each in terminalreporter.getreports(kind)]
    rows = [(dict(each.user_properties).get("row"), each.failed) for each in reports]
    rows = sorted([(*row, failed) for row, failed in rows if row], key=itemgetter(0, 1))
    for notebook, fault, caught, failed in rows:
        terminalreporter.write_line(f"{notebook:<18}  {fault}", red=failed)
        terminalreporter.write_line(f"{'':<18}    {caught}", red=failed)
    if rows:
        survived = sum(failed for *_, failed in rows)
        terminalreporter.write_line(f"{len(rows)} faults planted, {len(rows) - survived} caught")
