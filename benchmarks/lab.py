"""Measure the lab of stage 6 in a browser: python -m benchmarks.lab, after `make book`.

For 30 rates and starts, one after the other: milliseconds from the change of a control until 100
steps are drawn, and until all 500 are; and the longest task that kept the page from answering (the
browser reports those over 50 ms).
"""

import statistics
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.append(str(ROOT / "book" / "_tools"))
from browser import find_chromium, serve  # noqa: E402
from playwright.sync_api import sync_playwright  # noqa: E402

SETTINGS = [("input", rate) for rate in range(12, 60, 2)] + [("select", n % 3) for n in range(6)]
MEASURE = """async ([kind, value]) => {
    const lab = document.querySelector(".lab"), control = lab.querySelector(kind);
    const tasks = [];
    const observer = new PerformanceObserver((list) =>
        tasks.push(...list.getEntries().map((each) => each.duration)));
    observer.observe({ type: "longtask" });
    const start = performance.now();
    if (kind === "input") control.value = value;
    else control.selectedIndex = value;
    control.dispatchEvent(new Event(kind === "input" ? "input" : "change"));
    const until = (reached) => new Promise((resolve) => {
        const look = () =>
            lab.done || lab.losses.length >= reached ? resolve(performance.now() - start)
                                                     : requestAnimationFrame(look);
        requestAnimationFrame(look);
    });
    const hundred = await until(100), all = await until(500);
    await new Promise((resolve) => setTimeout(resolve, 100));
    observer.disconnect();
    return [hundred, all, Math.max(0, ...tasks)];
}"""


def main():
    arguments = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
    with sync_playwright() as playwright, serve(ROOT / "_build" / "site") as address:
        browser = playwright.chromium.launch(executable_path=find_chromium(), args=arguments)
        page = browser.new_page(viewport={"width": 1280, "height": 800})
        page.goto(f"{address}/notebooks/06_nn.html")
        page.locator(".lab").scroll_into_view_if_needed()
        page.wait_for_function("() => document.querySelector('.lab').done")
        found = [page.evaluate(MEASURE, setting) for setting in SETTINGS]
        browser.close()
    hundred, every, tasks = zip(*found, strict=True)
    for name, times in ("100 steps drawn", hundred), ("500 steps drawn", every):
        median, most = statistics.median(times), max(times)
        print(f"lab: {name} after {median:.0f} ms (median), {most:.0f} ms (most)")
    print(f"lab: longest task of the page over 50 ms: {max(tasks):.0f} ms (0: there was none)")


if __name__ == "__main__":
    main()
