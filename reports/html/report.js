"use strict";
// Sorting, filtering, and opening what a link leads to. The page is complete without.
(() => {
  const table = document.querySelector("table.fleet");
  const form = document.querySelector("form.controls");
  if (table && form && table.tBodies[0].rows.length > 1) {
    const body = table.tBodies[0];
    const rows = [...body.rows].map((row) => ({
      row,
      text: row.textContent.toLowerCase(),
      outcome: row.querySelector("[data-outcome]").dataset.outcome,
      keys: [...row.cells].map((cell) => cell.dataset.sort === undefined ? cell.textContent.trim() : Number(cell.dataset.sort)),
    }));
    const count = form.querySelector("output");
    const filter = () => {
      const words = form.elements.words.value.toLowerCase().split(/\s+/).filter(Boolean);
      const outcome = form.elements.outcome.value;
      let shown = 0;
      for (const item of rows) {
        const fits = (!outcome || item.outcome === outcome) && words.every((word) => item.text.includes(word));
        item.row.hidden = !fits;
        shown += fits;
      }
      count.textContent = shown === rows.length ? "" : `${shown} of ${rows.length} shown`;
    };
    form.hidden = false;
    form.addEventListener("input", filter);
    form.addEventListener("submit", (event) => event.preventDefault());

    const heads = [...table.tHead.rows[0].cells];
    heads.forEach((head, index) => {
      const button = document.createElement("button");
      button.type = "button";
      button.append(...head.childNodes);
      head.append(button);
      button.addEventListener("click", () => {
        const down = head.getAttribute("aria-sort") === "ascending";
        heads.forEach((other) => other.removeAttribute("aria-sort"));
        head.setAttribute("aria-sort", down ? "descending" : "ascending");
        const names = new Intl.Collator("en", { numeric: true });
        const compare = (a, b) => typeof a === "number" ? a - b : names.compare(a, b);
        rows.sort((a, b) => (down ? -1 : 1) * compare(a.keys[index], b.keys[index]));
        body.append(...rows.map((item) => item.row));
      });
    });
  }
  // Not every browser opens the folded part that a link leads into.
  const reveal = () => {
    const place = location.hash.length > 1 && document.getElementById(location.hash.slice(1));
    for (let part = place; part; part = part.parentElement) {
      if (part.tagName === "DETAILS") part.open = true;
    }
    if (place) place.scrollIntoView();
  };
  addEventListener("hashchange", reveal);
  reveal();
})();
