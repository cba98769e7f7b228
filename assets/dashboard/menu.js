// Menus are <details>: they open without this. Here they close as people expect: by Escape, which gives the focus back to what
// opened them, by a press or a step of the Tab key to anywhere else, and when another one opens.
const openMenus = () => document.querySelectorAll("details.menu[open]");

function closeAllBut(kept) {
  for (const menu of openMenus()) {
    if (!menu.contains(kept)) menu.open = false;
  }
}

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape" || document.querySelector("dialog[open]")) return;
  for (const menu of openMenus()) {
    menu.open = false;
    menu.querySelector("summary").focus();
  }
});

document.addEventListener("click", (event) => closeAllBut(event.target));
document.addEventListener("focusin", (event) => closeAllBut(event.target));
document.addEventListener("toggle", (event) => {
  if (event.target.open && event.target.matches("details.menu")) closeAllBut(event.target);
}, true);
