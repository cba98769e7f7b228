// Toasts: what was done goes after a while, what failed stays until it is closed. Other modules show one with
//   document.dispatchEvent(new CustomEvent("statusd:toast", { detail: { text, undo, label, status } }))
// where undo is an address, a form to send or a function, label its word ("Undo" when there is none), and status "down" a failure.
const region = document.querySelector(".toasts");
const calm = 6_000;

// fade lets a toast go, but not while somebody reads it or is about to press its button.
function fade(toast) {
  let timer;
  const hold = () => clearTimeout(timer);
  const go = () => {
    hold();
    if (!toast.matches(":hover, :focus-within")) timer = setTimeout(() => toast.remove(), calm);
  };
  for (const event of ["pointerenter", "focusin"]) toast.addEventListener(event, hold);
  for (const event of ["pointerleave", "focusout"]) toast.addEventListener(event, () => setTimeout(go));
  go();
}

function icon(name, className) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("class", className);
  svg.setAttribute("aria-hidden", "true");
  const use = document.createElementNS("http://www.w3.org/2000/svg", "use");
  use.setAttribute("href", `#i-${name}`);
  svg.append(use);
  return svg;
}

function button(text, act) {
  const made = document.createElement("button");
  made.type = "button";
  made.className = "button button-small button-quiet";
  made.append(text);
  made.addEventListener("click", act);
  return made;
}

function undoing(toast, undo, label) {
  if (typeof undo === "string") {
    const link = document.createElement("a");
    link.className = "button button-small button-quiet";
    link.href = undo;
    link.append(label);
    return link;
  }
  return button(label, () => {
    toast.remove();
    if (undo instanceof HTMLFormElement) undo.requestSubmit();
    else undo();
  });
}

function show({ text, undo, label, status }) {
  const failed = status === "down";
  const toast = document.createElement("div");
  toast.className = "toast";
  if (failed) toast.dataset.status = status;
  const words = document.createElement("span");
  words.append(text);
  toast.append(failed ? icon("down", "icon status-glyph") : icon("check", "icon"), words);
  if (undo) toast.append(undoing(toast, undo, label ?? region.dataset.undo));
  if (failed) {
    const close = button(icon("close", "icon"), () => toast.remove());
    close.classList.add("button-icon");
    close.ariaLabel = region.dataset.close;
    toast.append(close);
  }
  for (const old of region.querySelectorAll(".toast:not([data-status])")) old.remove();
  region.append(toast);
  if (!failed) fade(toast);
}

document.addEventListener("statusd:toast", (event) => show(event.detail));

// The one that came with the page: its text is put in again, because only what changes in the region is read out. Its key
// leaves the address, so that a reload does not tell again what was done long ago.
for (const toast of region.querySelectorAll(".toast")) {
  fade(toast);
  const words = toast.querySelector("span");
  setTimeout(() => words.replaceChildren(words.textContent), 100);
}
const address = new URL(location.href);
if (address.searchParams.has("done")) {
  address.searchParams.delete("done");
  history.replaceState(history.state, "", address);
}
