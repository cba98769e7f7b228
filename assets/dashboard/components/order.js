// The order of components: dragged by the grip, moved with the keyboard on it, or with the buttons, and saved without leaving
// the page. Without this script the buttons post the form. What moves stays where it is in the document and its neighbours
// go around it: an element that is taken out loses the focus and the pointer.
for (const form of document.querySelectorAll("form[data-order]")) {
  const words = form.dataset;
  let held = null; // { item, grip, before }
  let saving = Promise.resolve();

  const fill = (text, item) => text.replace("{name}", item.dataset.name)
    .replace("{place}", [...item.parentElement.children].indexOf(item) + 1).replace("{of}", item.parentElement.children.length);

  const say = (text, label, act) => document.dispatchEvent(new CustomEvent("statusd:toast", {
    detail: { text, label, undo: act, status: text === words.failed ? "down" : "" },
  }));

  const order = () => [...form.querySelectorAll("[data-component]")].map((row) => row.dataset.component);
  const lists = () => [...form.querySelectorAll("ul:has(> [data-name])")].map((list) => [list, [...list.children]]);
  const restore = (before) => {
    for (const [list, items] of before) list.append(...items);
    ends();
  };
  const ends = () => {
    for (const item of form.querySelectorAll("[data-name]")) {
      const buttons = (item.dataset.component ? item : item.querySelector(".row-group-head")).querySelectorAll("[name=move]");
      buttons[0].disabled = !item.previousElementSibling;
      buttons[1].disabled = !item.nextElementSibling;
    }
  };

  const shift = (item, by) => {
    const other = by < 0 ? item.previousElementSibling : item.nextElementSibling;
    if (!other) return false;
    if (by < 0) item.after(other);
    else item.before(other);
    ends();
    return true;
  };

  const post = async () => {
    const body = new URLSearchParams(order().map((id) => ["id", id]));
    const answer = await fetch(form.action, { method: "POST", body, redirect: "manual" });
    if (answer.type !== "opaqueredirect") throw new Error(answer.status);
  };

  // save keeps what is shown, offers the way back, and returns to what was when that is refused.
  const save = (before, text) => {
    say(text, words.undo, () => {
      const now = lists();
      restore(before);
      save(now, words.undone);
    });
    saving = saving.then(post).catch(() => {
      restore(before);
      say(words.failed, words.again, () => location.reload());
    });
  };

  const pick = (grip) => {
    const item = grip.closest("[data-name]");
    held = { item, grip, before: lists(), was: order().join() };
    item.dataset.moving = "";
    grip.setAttribute("aria-pressed", "true");
  };
  const release = () => {
    const { item, grip, before, was } = held;
    held = null;
    delete item.dataset.moving;
    grip.setAttribute("aria-pressed", "false");
    return { item, before, changed: was !== order().join() };
  };
  const drop = () => {
    const { item, before, changed } = release();
    if (changed) save(before, fill(words.dropped, item));
    else say(fill(words.cancelled, item));
  };
  const cancel = () => {
    const { grip } = held;
    const { item, before } = release();
    restore(before);
    say(fill(words.cancelled, item));
    grip.focus();
  };

  for (const help of document.querySelectorAll("[data-order-help]")) help.hidden = false;
  for (const grip of form.querySelectorAll(".grip")) {
    grip.hidden = false;
    grip.addEventListener("keydown", (event) => {
      const by = { ArrowUp: -1, ArrowDown: 1 }[event.key];
      if (event.key === " ") {
        if (held) drop();
        else {
          pick(grip);
          say(fill(words.picked, held.item));
        }
      } else if (held && by) {
        shift(held.item, by);
        say(fill(words.moved, held.item));
        grip.scrollIntoView({ block: "nearest" });
      } else if (held && event.key === "Escape") cancel();
      else return;
      event.preventDefault();
    });
    grip.addEventListener("blur", () => { if (held?.grip === grip && !held.pointer) drop(); });

    grip.addEventListener("pointerdown", (event) => {
      if (event.button !== 0 || held) return;
      pick(grip);
      held.pointer = true;
      grip.setPointerCapture(event.pointerId);
    });
    grip.addEventListener("pointermove", (event) => {
      if (!held?.pointer) return;
      const middle = (item) => { const box = item.getBoundingClientRect(); return box.top + box.height / 2; };
      const { item } = held;
      if (item.previousElementSibling && event.clientY < middle(item.previousElementSibling)) shift(item, -1);
      else if (item.nextElementSibling && event.clientY > middle(item.nextElementSibling)) shift(item, 1);
    });
    grip.addEventListener("pointerup", () => {
      if (!held?.pointer) return;
      const { item, before, changed } = release();
      if (changed) save(before, fill(words.dropped, item));
    });
    grip.addEventListener("pointercancel", () => { if (held?.pointer) cancel(); });
  }

  form.addEventListener("submit", (event) => {
    const [how] = event.submitter?.value.split(".") ?? [""];
    const item = event.submitter?.closest("[data-name]");
    if (!item) return;
    event.preventDefault();
    const before = lists();
    const by = how.endsWith("up") ? -1 : 1;
    if (shift(item, by)) save(before, fill(words.dropped, item));
    if (event.submitter.disabled) item.querySelector("[name=move]:not(:disabled)")?.focus(); // at the end: the other direction
  });
}
