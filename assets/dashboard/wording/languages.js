// Texts in several languages: one at a time, with tabs. All of them are sent, whatever is shown. Choosing a language chooses it for
// every text of the form.
const wordings = [...document.querySelectorAll("[data-wording]")];
const panels = (wording) => [...wording.querySelectorAll("[data-lang]")];

function show(wording, lang) {
  for (const panel of panels(wording)) panel.hidden = panel.dataset.lang !== lang;
  for (const radio of wording.querySelectorAll(".language-switch input")) radio.checked = radio.value === lang;
}

// mark says which languages have no words.
function mark(wording) {
  for (const panel of panels(wording)) {
    const empty = panel.querySelector("input, textarea").value.trim() === "";
    wording.querySelector(`.language-switch [value="${panel.dataset.lang}"] ~ [data-empty]`).hidden = !empty;
  }
}

for (const wording of wordings) {
  const tabs = wording.querySelector(".language-switch");
  tabs.hidden = false;
  tabs.addEventListener("change", (event) => {
    for (const one of wording.form?.querySelectorAll("[data-wording]") ?? [wording]) show(one, event.target.value);
  });
  wording.addEventListener("input", () => mark(wording));
  show(wording, tabs.querySelector("input:checked").value);
  mark(wording);
}

// What is wrong may be in a language that is not shown.
document.addEventListener("click", (event) => {
  const link = event.target.closest?.(".form-errors a[href^='#']");
  const field = link && document.getElementById(link.hash.slice(1));
  const panel = field?.closest("[data-lang]");
  if (!panel) return;
  show(panel.closest("[data-wording]"), panel.dataset.lang);
  field.focus();
});
