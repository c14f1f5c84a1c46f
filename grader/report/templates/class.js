"use strict";
/* The table is complete without this: here it learns to be sorted, searched and filtered. */
{
  const table = document.getElementById("class");
  const body = table.tBodies[0];
  const rows = Array.from(body.rows, (row, place) => ({ row, place, status: row.className, fits: true }));
  const search = document.getElementById("search");
  const status = document.getElementById("status");
  const count = document.getElementById("count");
  const all = document.getElementById("all");
  const FEW = 100; /* rows that are laid out whole: what is skipped out of sight, a screen reader does not find either */
  let limit = FEW;
  const NUMBER = /[-−]?\d+(\.\d+)?/;

  const fold = text => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
  const remarks = row => row.lastElementChild.className === "remarks" ? row.lastElementChild.textContent : "";
  const searched = row => fold(`${row.firstElementChild.textContent} ${remarks(row)}`);

  /* What a cell is sorted by; null, which always comes last, where there is nothing to compare. */
  const keys = {
    place: entry => entry.place,
    text: (entry, column) => entry.row.children[column].textContent,
    number: (entry, column) => {
      const cell = entry.row.children[column];
      const found = NUMBER.exec(cell.getAttribute("data-sort") ?? cell.textContent);
      return found && Number(found[0].replace("−", "-"));
    },
  };

  function sort(head) {
    const falling = head.getAttribute("aria-sort") === "ascending";
    const key = keys[head.dataset.by ?? "number"];
    for (const entry of rows) entry.key = key(entry, head.cellIndex);
    const sign = falling ? -1 : 1;
    rows.sort((a, b) => {
      if (a.key === b.key) return a.place - b.place;
      if (a.key === null || b.key === null) return a.key === null ? 1 : -1;
      return a.key < b.key ? -sign : sign;
    });
    show();
    for (const other of table.tHead.rows[0].cells) other.removeAttribute("aria-sort");
    head.setAttribute("aria-sort", falling ? "descending" : "ascending");
  }

  function choose() {
    const words = fold(search.value).split(/\s+/).filter(Boolean);
    for (const entry of rows) {
      entry.text ??= searched(entry.row);
      entry.fits = (!status.value || entry.status === status.value) && words.every(word => entry.text.includes(word));
    }
    show();
  }

  function show() {
    const fitting = rows.filter(entry => entry.fits);
    const shown = fitting.slice(0, limit);
    const number = n => n.toLocaleString("en");
    table.classList.toggle("few", shown.length <= FEW);
    body.replaceChildren(...shown.map(entry => entry.row));
    count.textContent = `${number(fitting.length)} of ${number(rows.length)} rows`;
    all.textContent = `Only the first ${FEW} are shown: show all ${number(fitting.length)}`;
    all.hidden = shown.length === fitting.length;
  }

  function showUpTo(most) {
    limit = most;
    show();
  }

  for (const head of table.tHead.rows[0].cells) {
    const button = document.createElement("button");
    button.append(...head.childNodes);
    button.addEventListener("click", () => sort(head));
    head.append(button);
  }
  search.addEventListener("input", choose);
  status.addEventListener("change", choose);
  all.addEventListener("click", () => {
    showUpTo(Infinity);
    search.focus(); /* the button is gone */
  });
  let onScreen = limit;
  addEventListener("beforeprint", () => {
    onScreen = limit;
    showUpTo(Infinity);
  });
  addEventListener("afterprint", () => showUpTo(onScreen));
  document.getElementById("tools").hidden = false;
  choose(); /* a browser that goes back to this page fills the fields in again */
}
