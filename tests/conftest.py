from collections import Counter


def pytest_terminal_summary(terminalreporter):
    """Say why tests were skipped, each reason once."""
    skipped = terminalreporter.stats.get("skipped", [])
    for reason, count in Counter(report.longrepr[2] for report in skipped).items():
        terminalreporter.line(f"{count} skipped: {reason.removeprefix('Skipped: ')}")
