"""Measure the book on this machine: what `make bench` prints.

The time of one training step of each stage: its `train` cell, run six times in this process; the
median of the last five, over 500 steps. The first run warms up. Then the lab of stage 6 in a
browser, for 30 rates and starts, one after the other: milliseconds from the change of a control
until 100 steps are drawn, and until all 500 are; and the longest task that kept the page from
answering (the browser reports those over 50 ms).
"""

import contextlib
import io
import statistics
import time

from playwright.sync_api import sync_playwright

from book.press import cells, pages
from book.press.serve import find_chromium, serve

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


def time_step(path):
    """Microseconds that one step of a stage's training loop takes."""
    variables = {"__name__": path.stem}
    for cell in cells.code_cells(cells.read(path)):
        if "plt.show()" in cell["source"]:
            continue
        trains = "train" in cells.tags(cell)
        seconds = []
        for _ in range(6 if trains else 1):
            start = time.perf_counter()
            with contextlib.redirect_stdout(io.StringIO()):
                cells.run(cell, variables)
            seconds.append(time.perf_counter() - start)
        if trains:
            return 1e6 * statistics.median(seconds[1:]) / 500
    raise ValueError(f"{path}: no cell is tagged train")


def measure_lab():
    """For each setting: milliseconds to 100 and to 500 steps, and the longest task over 50 ms."""
    arguments = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
    with sync_playwright() as playwright, serve(pages.ROOT / "_build" / "site") as address:
        browser = playwright.chromium.launch(executable_path=find_chromium(), args=arguments)
        page = browser.new_page(viewport={"width": 1280, "height": 800})
        page.goto(f"{address}/notebooks/{pages.stage(6).stem}.html")
        page.locator(".lab").scroll_into_view_if_needed()
        page.wait_for_function("() => document.querySelector('.lab').done")
        found = [page.evaluate(MEASURE, setting) for setting in SETTINGS]
        browser.close()
    return found


def main():
    for path in pages.stages():
        print(f"one step of {path.stem:30} {time_step(path):9.1f} µs", flush=True)
    hundred, every, tasks = zip(*measure_lab(), strict=True)
    for name, times in ("100 steps drawn", hundred), ("500 steps drawn", every):
        median, most = statistics.median(times), max(times)
        print(f"lab: {name} after {median:.0f} ms (median), {most:.0f} ms (most)")
    print(f"lab: longest task of the page over 50 ms: {max(tasks):.0f} ms (0: there was none)")


if __name__ == "__main__":
    main()
