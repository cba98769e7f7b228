// The command palette: Ctrl K or Cmd K, type, Enter. The focus stays in the field; aria-activedescendant says which option is meant.
const dialog = document.getElementById("palette");
const opener = document.querySelector("[data-palette]");

if (dialog && opener) {
  const field = dialog.querySelector("input");
  const list = dialog.querySelector("[role=listbox]");
  const found = dialog.querySelector("[role=status]");
  const pause = 80; // ms: shorter than between two keys of somebody who types fast
  let timer;
  let asked; // of the question that is under way
  let eager = false; // Enter was pressed before the answer came

  const options = () => [...list.querySelectorAll("[role=option]")];
  const meant = () => list.querySelector("[aria-selected=true]");

  const mean = (option) => {
    meant()?.setAttribute("aria-selected", "false");
    if (!option) return field.removeAttribute("aria-activedescendant");
    option.setAttribute("aria-selected", "true");
    field.setAttribute("aria-activedescendant", option.id);
    if (option === options()[0]) list.scrollTop = 0; // with the title above it
    else option.scrollIntoView({ block: "nearest" });
  };

  const show = (html) => {
    const page = new DOMParser().parseFromString(html, "text/html");
    found.textContent = page.querySelector("[data-found]").textContent;
    list.replaceChildren(...page.querySelectorAll("[role=group]"));
    field.setAttribute("aria-expanded", String(options().length > 0));
    mean(options()[0]);
  };

  const ask = async () => {
    asked?.abort();
    const mine = asked = new AbortController();
    const url = new URL(field.dataset.url, location.href);
    url.searchParams.set("q", field.value);
    try {
      const answer = await fetch(url, { signal: mine.signal });
      if (answer.redirected) return location.reload(); // signed out: the sign-in form leads back here
      if (!answer.ok) throw new Error(answer.status);
      show(await answer.text());
    } catch {
      if (mine.signal.aborted) return;
      list.replaceChildren();
      mean(null);
      field.setAttribute("aria-expanded", "false");
      found.textContent = found.dataset.failed;
    }
    if (asked !== mine) return;
    asked = null;
    if (eager) meant()?.click();
    eager = false;
  };

  const open = () => {
    if (document.querySelector("dialog[open]")) return;
    for (const menu of document.querySelectorAll("details.menu[open]")) menu.open = false;
    field.value = "";
    eager = false;
    dialog.showModal();
    ask();
  };

  field.addEventListener("input", () => {
    clearTimeout(timer);
    asked?.abort(); // its answer is to less than was typed, and Enter must not take it
    asked = new AbortController();
    timer = setTimeout(ask, pause);
  });

  field.addEventListener("keydown", (event) => {
    if (event.isComposing || event.altKey || event.shiftKey) return;
    const all = options();
    const at = all.indexOf(meant());
    const to = { ArrowDown: (at + 1) % all.length, ArrowUp: (at - 1 + all.length) % all.length, Home: 0, End: all.length - 1 }[event.key];
    if (to !== undefined && all.length > 0) mean(all[to]);
    else if (event.key === "Enter" && asked) eager = true;
    else if (event.key === "Enter") meant()?.dispatchEvent(new MouseEvent("click", { bubbles: true, cancelable: true, ctrlKey: event.ctrlKey, metaKey: event.metaKey }));
    else return;
    event.preventDefault();
  });

  list.addEventListener("pointermove", (event) => {
    const option = event.target.closest("[role=option]");
    if (option && option !== meant()) mean(option);
  });
  list.addEventListener("pointerdown", (event) => event.preventDefault()); // the focus stays in the field
  list.addEventListener("click", (event) => { if (event.target.closest("[role=option]")) dialog.close(); });
  dialog.addEventListener("click", (event) => { if (event.target === dialog) dialog.close(); });
  dialog.addEventListener("close", () => { clearTimeout(timer); asked?.abort(); asked = null; });

  opener.hidden = false;
  opener.addEventListener("click", open);
  if (/Mac|iPhone|iPad/.test(navigator.platform)) opener.querySelector("kbd").textContent = "⌘ K";
  document.addEventListener("keydown", (event) => {
    if (event.key?.toLowerCase() !== "k" || event.ctrlKey === event.metaKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    if (dialog.open) dialog.close();
    else open();
  });
}
