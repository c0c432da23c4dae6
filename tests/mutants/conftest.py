"""After the mutants, print the table: notebook, what is wrong, and the cell that caught it."""


def pytest_terminal_summary(terminalreporter):
    reports = [each for kind in ("passed", "failed") for each in terminalreporter.getreports(kind)]
    rows = [(dict(each.user_properties).get("row"), each.failed) for each in reports]
    rows = sorted((*row, failed) for row, failed in rows if row)
    for notebook, what, caught, failed in rows:
        terminalreporter.write_line(f"{notebook:<18}  {what}  [{caught}]", red=failed)
    if rows:
        survived = sum(failed for *_, failed in rows)
        terminalreporter.write_line(f"{len(rows)} mutants, {len(rows) - survived} caught")
