// The listing of the landing page goes from stage to stage: a line that stays moves to its place, one
// that is handed over fades on its way to where its job is done now, a new one appears.
function showLoops(box) {
  const { steps, play, label } = JSON.parse(box.dataset.loops);
  const [head, count] = box.querySelector(".loops-head").children;
  const list = box.querySelector(".loops-lines");
  const links = [...box.querySelectorAll(".loops-map a")];
  const input = element("input", { type: "range", min: 1, max: steps.length, step: 1, value: 1, ariaLabel: label });
  const button = element("button", { type: "button" });
  let lines = [...list.children], timer = 0;

  const put = (line, row) => line.style.setProperty("--row", row);
  function makeLine([job, text]) {
    const line = element("li", { textContent: text, className: `${job} new` });
    list.append(line);
    return line;
  }

  function show(number) {
    const step = steps[number - 1], left = [...lines];
    input.value = number;
    input.setAttribute("aria-valuetext", `${step.title}, ${step.count}`);
    head.textContent = step.title;
    head.href = step.place;
    count.textContent = step.count;
    links.forEach((link, n) => link.classList.toggle("shown", n === number - 1));
    lines = step.lines.map(([job, text], row) => {
      const same = left.findIndex((line) => line.textContent === text);
      const line = same < 0 ? makeLine([job, text]) : left.splice(same, 1)[0];
      put(line, row);
      return line;
    });
    for (const line of left) {
      const job = [...line.classList].find((name) => name !== "new");
      const heir = step.lines.findIndex(([its]) => its === job || its === "whole");
      put(line, Math.max(heir, 0));
      line.classList.add("gone");
      setTimeout(() => line.remove(), 700);
    }
    list.append(...lines); // in the order in which they are read
    requestAnimationFrame(() => requestAnimationFrame(() => {
      for (const line of lines) line.classList.remove("new");
    }));
    setTimeout(reachScrollable, 800); // a long line, when those before it have gone
  }

  function stop() {
    clearInterval(timer);
    timer = 0;
    button.textContent = `▶ ${play[0]}`;
  }
  function start() {
    timer = setInterval(() => {
      if (Number(input.value) === steps.length) stop();
      else show(Number(input.value) + 1);
    }, 2200);
    button.textContent = `❚❚ ${play[1]}`;
  }
  input.addEventListener("input", () => { stop(); show(Number(input.value)); });
  button.addEventListener("click", () => {
    if (timer) return stop();
    if (Number(input.value) === steps.length) show(1);
    start();
  });
  box.querySelector(".loops-way").append(button, input);
  box.classList.add("live");
  lines.forEach(put);
  show(1);
  stop();
  // It begins by itself, once, where it is seen and motion is welcome.
  if (!matchMedia("(prefers-reduced-motion: reduce)").matches)
    new IntersectionObserver(([seen], observer) => {
      if (!seen.isIntersecting) return;
      observer.disconnect();
      if (input.value === "1") start();
    }, { threshold: 0.8 }).observe(list);
}
addEventListener("DOMContentLoaded", () => document.querySelectorAll(".loops").forEach(showLoops));
