// Shortcuts of single keys. What they do stands in the page: data-shortcut="n" is pressed by N, data-shortcut="g o" by G and then O.
// Never in fields, never over a dialog, and not at all for somebody who switched them off in the account (WCAG 2.1.4).
const patience = 1_500; // between the two keys of a sequence
let before = ""; // G, when it was pressed
let timer;

const off = () => localStorage["statusd.shortcuts"] === "off";
const typing = (target) => target.closest?.("input, select, textarea, [role=slider], [contenteditable]");
const seen = (element) => element.checkVisibility?.() ?? true;

function press(keys) {
  const target = document.querySelector(`[data-shortcut="${CSS.escape(keys)}"]`);
  target?.click();
  return Boolean(target);
}

function search() {
  const field = [...document.querySelectorAll("main :is(input[type=search], [data-filter], [role=search] input)")].find(seen);
  field?.focus();
  field?.select();
  return Boolean(field);
}

function act(key) {
  if (before) return press(`${before} ${key}`);
  if (key === "/") return search();
  if (key === "g") {
    before = key;
    timer = setTimeout(() => { before = ""; }, patience);
    return false;
  }
  return press(key);
}

document.addEventListener("keydown", (event) => {
  if (event.defaultPrevented || event.isComposing || event.repeat || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.key?.length !== 1 || event.key === " " || typing(event.target) || document.querySelector("dialog[open]") || off()) return;
  // A letter is pressed without Shift; of other characters only the keyboard knows how they are typed.
  const key = event.key.toLowerCase();
  if (event.shiftKey && key !== event.key.toUpperCase()) return;
  const was = before;
  if (act(key)) event.preventDefault();
  if (was) {
    before = "";
    clearTimeout(timer);
  }
});
