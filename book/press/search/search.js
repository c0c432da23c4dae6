// The search page: ranks the places of search-places.js by the words of the query, rare ones first.
const query = new URLSearchParams(location.search).get("q") ?? "";
// A Chinese query has no spaces: the browser knows where its words end.
const segmenter = new Intl.Segmenter(document.documentElement.lang, { granularity: "word" });
const WORD = /[\p{L}\p{N}_]+/gu;
const phrase = query.toLowerCase().trim();
// A formula, as 1/√n, is looked for as it is, if the book has it.
const FORMULA = /[^\p{L}\p{N}_\s]/u;
const formula = FORMULA.test(phrase)
  && PLACES.some(({ title, text }) => `${title} ${text}`.toLowerCase().includes(phrase));
const runs = formula ? [phrase] : phrase.match(WORD) ?? [];
const HAN = /\p{Script=Han}/u;
const every = [...new Set(runs.flatMap((run) => (HAN.test(run) ? cut(run) : run)))];
const longer = every.filter((word) => word.length > 1 || !HAN.test(word));
const words = longer.length ? longer : every; // a single sign says little

// The words of a run of signs. Single ones side by side are a word that the browser does not know.
function cut(run) {
  const found = [];
  let single = false;
  for (const { segment } of segmenter.segment(run)) {
    const joins = single && segment.length === 1;
    found.push(joins ? found.pop() + segment : segment);
    single = segment.length === 1;
  }
  return found;
}

// How well a word fits a text: as a word of it, as the beginning of one, inside of one, or not at all.
function fit(word, text) {
  const at = text.indexOf(word);
  if (at < 0) return 0;
  if (FORMULA.test(word)) return 4;
  if (new RegExp(`(?<![\\p{L}\\p{N}_])${word}s?(?![\\p{L}\\p{N}_])`, "u").test(text)) return 4;
  return new RegExp(`(?<![\\p{L}\\p{N}_])${word}`, "u").test(text) ? 2 : Number(word.length > 1 || HAN.test(word));
}

function rank(places) {
  for (const place of places) {
    const title = place.title.toLowerCase().replace(/^\d+ · /, ""), text = place.text.toLowerCase();
    place.fits = words.map((word) => Math.max(3 * fit(word, title), fit(word, text)));
    place.bonus = phrase === title.replace(/ \(.*\)$/, "") ? 3 : `${title} ${text}`.includes(phrase) ? 2 : 1;
  }
  const rarity = words.map((_, i) => {
    const found = places.filter((place) => place.fits[i]).length;
    return found && Math.log(1 + places.length / found);
  });
  const whole = rarity.reduce((sum, each) => sum + each, 0);
  for (const place of places) {
    const known = rarity.reduce((sum, each, i) => sum + (place.fits[i] ? each : 0), 0);
    const score = rarity.reduce((sum, each, i) => sum + each * place.fits[i], 0);
    place.score = known > whole / 3 ? score * place.bonus * (known / whole) ** 2 : 0;
  }
  return places.filter((place) => place.score > 0).sort((a, b) => b.score - a.score);
}

// The place's text or title, and where in it the query stands, or else its longest word that is there.
function locate({ text, title }) {
  for (const part of [phrase, ...words.toSorted((a, b) => b.length - a.length)])
    for (const where of [text, title]) {
      const start = where.toLowerCase().indexOf(part);
      if (start >= 0) return [where, start, start + part.length];
    }
}

// The text with these in place of its {}.
function fill(text, ...values) {
  return values.reduce((filled, value) => filled.replace("{}", () => value), text);
}

// The browser scrolls to these words of the page, blank to blank, and marks them: those that follow
// the two words before them, for the same may stand further up.
function pointTo(where, start, end) {
  const han = HAN.test(where.slice(start, end)); // no blanks there, and none needed
  const from = han ? start : where.lastIndexOf(" ", start) + 1;
  const to = han ? end : where.indexOf(" ", end);
  const words = where.slice(from, to < 0 ? undefined : to);
  const before = han ? "" : where.slice(0, from).trim().split(/\s+/).slice(-2).join(" ");
  const [prefix, text] = [before, words].map((each) => encodeURIComponent(each).replaceAll("-", "%2D"));
  return `:~:text=${prefix && `${prefix}-,`}${text}`;
}

function show(place) {
  const { path, id, title, page, text } = place;
  const [where, start, end] = locate(place);
  const item = document.createElement("li");
  const link = item.appendChild(document.createElement("a"));
  link.textContent = title;
  link.href = `${path}#${id}${pointTo(where, start, end)}`;
  if (place.under) link.before(fill(SEARCH.row, place.under));
  if (page !== title) item.append(` ${page}`);
  const summary = item.appendChild(document.createElement("p"));
  const [left, right] = where === text ? [start, end] : [0, 0];
  summary.append(text.slice(Math.max(0, left - 60), left).replace(/^\S*\s/, left > 60 ? "… " : "$&"));
  if (right) summary.appendChild(document.createElement("mark")).textContent = text.slice(left, right);
  summary.append(`${text.slice(right, right + 100)} …`);
  return item;
}

// Bootstrap's scroll spy, which looks after the contents of a page, would stumble over the links found.
document.body.removeAttribute("data-bs-spy");
document.querySelector(".search-form input").value = query;
if (phrase) {
  const found = rank(PLACES), shown = found.slice(0, 30);
  document.getElementById("search-results").append(...shown.map(show));
  document.getElementById("search-status").textContent = found.length
    ? fill(found.length > shown.length ? SEARCH.found : SEARCH.all[Number(found.length > 1)], found.length, shown.length)
    : fill(SEARCH.nowhere, query);
}
