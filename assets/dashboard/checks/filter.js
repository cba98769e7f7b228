// The list of checks: filters as you type, and ticks all that are shown. Without this script the server filters.
for (const input of document.querySelectorAll("[data-filter]")) {
  const list = document.getElementById(input.dataset.filter);
  const empty = document.querySelector(`[data-empty="${input.dataset.filter}"]`);
  const kept = list.querySelector("[name=q]");
  const all = list.querySelector("[data-all]");
  // As found() of the server: accents and case aside.
  const plain = (text) => text.replaceAll("ı", "i").normalize("NFKD").replace(/\p{Mn}/gu, "").toLowerCase();

  const filter = () => {
    const wanted = plain(input.value).split(/\s+/);
    let any = false;
    for (const group of list.querySelectorAll("section[data-text]")) {
      let some = false;
      for (const row of group.querySelectorAll("li[data-text]")) {
        const text = plain(`${group.dataset.text}\n${row.dataset.text}`);
        row.hidden = !wanted.every((word) => text.includes(word));
        some ||= !row.hidden;
        const tick = row.querySelector(".tick");
        if (row.hidden && tick) tick.checked = false; // nothing is done to what cannot be seen
      }
      group.hidden = !some;
      any ||= some;
    }
    list.hidden = !any;
    empty.hidden = any;
    if (kept) kept.value = input.value.trim();
  };
  input.addEventListener("input", filter);

  if (!all) continue;
  all.hidden = false;
  all.querySelector("input").addEventListener("change", (event) => {
    for (const tick of list.querySelectorAll("li:not([hidden]) .tick")) tick.checked = event.target.checked;
  });
}
