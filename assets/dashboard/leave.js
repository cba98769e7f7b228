// Forms. Leaving one that was changed asks first, and one that was sent is not sent twice. A module that saves a form by itself
// says so with form.dispatchEvent(new Event("statusd:saved", { bubbles: true })). Not for forms with data-loose, in which
// nothing can be lost, and of the second not for data-download, after which the page stays.
const touched = new Set();
let sending = false;

const keeps = (form) => form.method === "post" && form.matches(".form, .form form") && !form.closest(".door, [data-loose]");

function differs(control) {
  if (!control.name || control.disabled || control.type === "hidden" || control.matches(":autofill")) return false;
  switch (control.type) {
    case "checkbox":
    case "radio":
      return control.checked !== control.defaultChecked;
    case "select-one":
      return control.selectedIndex !== Math.max(0, [...control.options].findLastIndex((option) => option.defaultSelected));
    case "file":
      return control.files.length > 0;
    case "button":
    case "submit":
    case "fieldset":
      return false;
  }
  return control.value !== control.defaultValue;
}

const changed = (form) => form.isConnected && (form.querySelector(".form-errors") || [...form.elements].some(differs));

for (const type of ["input", "change"]) {
  document.addEventListener(type, (event) => {
    const { form } = event.target;
    if (!form || !keeps(form)) return;
    touched.add(form);
    sending = false;
  });
}

// What was refused is nowhere but in the form.
for (const form of document.querySelectorAll("form:has(.form-errors)")) {
  if (keeps(form)) touched.add(form);
}

document.addEventListener("statusd:saved", (event) => touched.delete(event.target));

addEventListener("beforeunload", (event) => {
  if (!sending && [...touched].some(changed)) event.preventDefault();
});

const again = 30_000; // no answer takes longer: by then the server has given up
const sent = new Map(); // form to the button that sent it

function free() {
  sending = false;
  for (const button of sent.values()) button?.removeAttribute("aria-busy");
  sent.clear();
}

document.addEventListener("submit", (event) => {
  if (!sent.has(event.target)) return;
  event.preventDefault();
  event.stopImmediatePropagation();
}, true);

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (event.defaultPrevented || form.method === "dialog") return; // a script sends it
  sending = true;
  if (form.method !== "post" || form.matches("[data-download]")) return;
  sent.set(form, event.submitter);
  event.submitter?.setAttribute("aria-busy", "true");
  setTimeout(free, again);
});

addEventListener("pageshow", free); // back again: the browser kept the page as it was left
