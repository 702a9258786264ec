/* Only adds: sorting, tracing a figure to its rows, folds open for printing. Without it all can be read. */
(() => {
"use strict";
const value = cell => {
  const text = (cell.dataset.v ?? cell.firstChild?.textContent ?? "").trim();
  const number = Number(text.replace(/[$,%\s]/g, "").replace("\u2212", "-"));
  return text === "" || text === "—" ? null : Number.isNaN(number) || !/\d/.test(text) ? text : number;
};
const compare = (a, b) => {
  if (a === null || b === null) return (a === null) - (b === null);
  return typeof a === "number" && typeof b === "number" ? a - b : String(a).localeCompare(String(b), "en", {numeric: true});
};
const sort = (head, column) => {
  const body = head.closest("table").tBodies[0], rows = [...body.rows];
  const shown = rows.filter(row => !row.classList.contains("more")).length;
  const down = head.getAttribute("aria-sort") !== "descending" && (head.classList.contains("num") || head.getAttribute("aria-sort") === "ascending");
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
const traced = document.querySelectorAll("[data-explain]");
if (command && traced.length) {
  const item = document.createElement("li"), toggle = document.createElement("button");
  const strip = document.createElement("div");
  strip.className = "trace";
  strip.setAttribute("role", "status");
  strip.hidden = true;
  const say = (...parts) => strip.replaceChildren(...parts);
  const open = () => {
    say("Choose an underlined figure to see the command that lists its rows.");
    for (const place of traced) {
      const why = document.createElement("button"), text = place.firstChild;
      why.type = "button";
      why.className = "why";
      text.replaceWith(why);
      why.append(text);
      why.addEventListener("click", () => {
        const code = document.createElement("code");
        code.textContent = command.replace("{figure}", place.dataset.explain);
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
  folded = [...document.querySelectorAll("details:not([open])")];
  folded.forEach(fold => { fold.open = true; });
});
addEventListener("afterprint", () => folded.forEach(fold => { fold.open = false; }));
})();
