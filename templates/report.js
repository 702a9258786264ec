/* Only adds: sorting, tracing a figure to its rows, folds open for printing. Without it all can be read. */
(() => {
"use strict";
/* What a cell sorts by: its own key, else the number or the words it shows (audit/page.py knows the same). */
const SHOWN = /^(under |over )?([+\u2212]?)\$?([\d,]+(?:\.\d+)?)(?: of ([\d,]+)$|\s%|–| \/ | points|$)/;
const plain = text => Number(text.replaceAll(",", ""));
const value = cell => {
  const key = cell.dataset.v, text = key ?? cell.firstChild?.textContent.trim() ?? "";
  if (key === "" || text === "" || text === "—") return null;
  if (key !== undefined) return Number.isNaN(Number(key)) ? key : Number(key);
  if (text === "·") return 0;
  const shown = cell.tagName === "TH" ? null : SHOWN.exec(text);
  if (!shown) return text;
  const [, bound, sign, number, base] = shown;
  const size = base ? 100 * plain(number) / plain(base) : plain(number) + ({"under ": -0.05, "over ": 0.05}[bound] ?? 0);
  return sign === "\u2212" ? -size : size;
};
const compare = (a, b) => {
  if (a === null || b === null) return (a === null) - (b === null);
  return typeof a === "number" && typeof b === "number" ? a - b : String(a).localeCompare(String(b), "en", {numeric: true});
};
const sort = (head, column) => {
  const body = head.closest("table").tBodies[0], rows = [...body.rows];
  const shown = rows.filter(row => !row.classList.contains("more")).length;
  const down = head.getAttribute("aria-sort") !== "descending" && (!head.classList.contains("l") && column > 0 || head.getAttribute("aria-sort") === "ascending");
  const keyed = rows.map(row => [value(row.cells[column]), row]);
  keyed.sort(([a], [b]) => a === null || b === null || !down ? compare(a, b) : compare(b, a));
  keyed.forEach(([, row], place) => { row.classList.toggle("more", place >= shown); body.append(row); });
  for (const other of head.parentNode.cells) other.removeAttribute("aria-sort");
  head.setAttribute("aria-sort", down ? "descending" : "ascending");
};
for (const head of document.querySelectorAll("th[data-sort]")) {
  const button = document.createElement("button"), words = head.firstElementChild;
  button.type = "button";
  button.textContent = words.textContent;
  words.replaceWith(button);
  button.addEventListener("click", () => sort(head, head.cellIndex));
}
const command = document.querySelector("[data-command]")?.dataset.command;
/* A figure is named by its column's measure and its row's group, unless it names itself. */
const named = cell => {
  const measure = cell.closest("table").tHead.rows[0].cells[cell.cellIndex]?.dataset.m, group = cell.parentNode.dataset.g;
  return measure && group !== undefined && !/^[—·]?$/.test(cell.firstChild?.textContent.trim() ?? "") ? measure + group : "";
};
const traced = () => [...document.querySelectorAll("[data-explain],[data-g]>*")]
  .map(place => [place, place.dataset.explain ?? named(place)]).filter(([, figure]) => figure);
if (command && document.querySelector("[data-explain],[data-g]")) {
  const item = document.createElement("li"), toggle = document.createElement("button");
  const strip = document.createElement("div");
  strip.className = "trace";
  strip.setAttribute("role", "status");
  strip.hidden = true;
  const say = (...parts) => strip.replaceChildren(...parts);
  const open = () => {
    say("Choose an underlined figure to see the command that lists its rows.");
    for (const [place, figure] of traced()) {
      const why = document.createElement("button"), text = place.firstChild;
      why.type = "button";
      why.className = "why";
      text.replaceWith(why);
      why.append(text);
      why.addEventListener("click", () => {
        const code = document.createElement("code");
        code.textContent = command.replace("{figure}", figure);
        say("The rows behind this figure:", code);
      });
    }
  };
  const close = () => document.querySelectorAll("button.why").forEach(why => why.replaceWith(...why.childNodes));
  toggle.type = "button";
  toggle.setAttribute("aria-label", "Trace a figure"); /* shown by the style sheet: the script adds no words */
  toggle.setAttribute("aria-pressed", "false");
  toggle.addEventListener("click", () => {
    const on = toggle.getAttribute("aria-pressed") === "false";
    toggle.setAttribute("aria-pressed", String(on));
    on ? open() : close();
    strip.hidden = !on;
    strip.style.display = on ? "" : "none";
  });
  strip.style.display = "none";
  item.append(toggle);
  document.getElementById("menu").append(item);
  document.querySelector("footer").after(strip);
}
let folded = [];
addEventListener("beforeprint", () => {
  folded = [...document.querySelectorAll("details:not([open], .asked)")];
  folded.forEach(fold => { fold.open = true; });
});
addEventListener("afterprint", () => folded.forEach(fold => { fold.open = false; }));
})();
