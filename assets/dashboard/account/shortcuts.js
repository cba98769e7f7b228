// The switch for shortcuts of a single key. Shortcuts are a script's, so this exists only with one; the choice is this browser's.
for (const section of document.querySelectorAll("[data-shortcuts]")) {
  const box = section.querySelector("input");
  box.checked = localStorage["statusd.shortcuts"] !== "off";
  box.addEventListener("change", () => { localStorage["statusd.shortcuts"] = box.checked ? "on" : "off"; });
  section.hidden = false;
}
