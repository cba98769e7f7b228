// Links that open as a dialog. Without this script they lead to a page; here the part of that page which is marked
// data-dialog-body is fetched and shown over the screen that is there. data-deletes is a question: the focus starts on Cancel, and an
// answer that the server does not take leaves the dialog open with what is wrong.
const words = document.querySelector(".toasts").dataset;

function closeButton(dialog) {
  const template = document.createElement("template");
  template.innerHTML = `<button class="button button-quiet button-icon" type="button"><svg class="icon" aria-hidden="true"><use href="#i-close"/></svg></button>`;
  const button = template.content.firstChild;
  button.ariaLabel = words.close;
  button.addEventListener("click", () => dialog.close());
  return button;
}

// rename gives what came from the other page ids that this page has not.
function rename(body) {
  const own = (id) => `in-dialog-${id}`;
  for (const element of body.querySelectorAll("[id], [for], [aria-describedby], [aria-labelledby], a[href^='#']")) {
    if (element.id) element.id = own(element.id);
    for (const name of ["for", "aria-describedby", "aria-labelledby"]) {
      const ids = element.getAttribute(name);
      if (ids) element.setAttribute(name, ids.split(" ").map(own).join(" "));
    }
    if (element.matches("a[href^='#']")) element.hash = own(element.hash.slice(1));
  }
}

// partOf is what a page shows as a dialog; nothing when the page has no such part.
const partOf = (page) => page.querySelector("main [data-dialog-body]");

function fill(body, part) {
  body.replaceChildren(document.importNode(part, true));
  rename(body);
}

const parse = async (answer) => new DOMParser().parseFromString(await answer.text(), "text/html");

function dialogOf(page, asks) {
  const part = partOf(page);
  if (!part) return null;
  const dialog = document.createElement("dialog");
  dialog.className = asks ? "dialog dialog-confirm" : "dialog";
  dialog.setAttribute("aria-labelledby", "dialog-title");
  const head = document.createElement("div");
  head.className = "dialog-head";
  const title = document.createElement("h2");
  title.id = "dialog-title";
  title.append(page.querySelector("main h1").textContent);
  const heading = document.createElement("div");
  heading.append(title, ...page.querySelectorAll("main .page-head .help"));
  head.append(heading);
  if (!asks) head.append(closeButton(dialog));
  const body = document.createElement("div");
  body.className = "dialog-body";
  fill(body, part);
  dialog.append(head, body);
  const lost = body.querySelector("#in-dialog-lost");
  if (lost) dialog.setAttribute("aria-describedby", lost.id);
  return dialog;
}

// refused shows what is wrong beside its field; the list above the form is for a longer one.
function refused(form, part) {
  const body = form.closest(".dialog-body");
  fill(body, part);
  const errors = body.querySelector(".form-errors");
  if (errors && !errors.querySelector("li:not(:has(a))")) errors.remove();
  const field = body.querySelector("[aria-invalid=true]");
  (field ?? errors)?.focus();
  field?.select();
}

// send asks the server from within the dialog, and goes where it says when it has done it.
async function send(event) {
  const form = event.target;
  event.preventDefault();
  if (form.ariaBusy === "true") return;
  form.ariaBusy = "true";
  try {
    const answer = await fetch(form.action, { method: "POST", body: new URLSearchParams(new FormData(form)) });
    if (answer.redirected) {
      for (const one of document.forms) one.dispatchEvent(new Event("statusd:saved", { bubbles: true })); // nothing asks whether to leave
      location.assign(answer.url);
      return;
    }
    refused(form, partOf(await parse(answer)));
  } catch {
    form.submit(); // the server has a page that says why
  }
  form.ariaBusy = null;
}

function open(dialog, asks) {
  if (asks) dialog.addEventListener("submit", send);
  dialog.addEventListener("close", () => dialog.remove());
  dialog.addEventListener("click", (event) => {
    const cancelled = event.target.closest("[data-cancel]");
    if (cancelled) event.preventDefault();
    if (cancelled || event.target === dialog) dialog.close(); // the dialog itself is pressed only beside what it holds
  });
  document.body.append(dialog);
  dialog.showModal();
  dialog.querySelector("[data-cancel]")?.focus();
}

document.addEventListener("click", async (event) => {
  const link = event.target.closest("a[data-deletes], a[data-dialog]");
  if (!link || event.defaultPrevented || event.button !== 0 || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
  event.preventDefault();
  if (link.ariaBusy === "true") return;
  link.ariaBusy = "true";
  try {
    const answer = await fetch(link.href);
    const page = answer.ok && !answer.redirected && await parse(answer);
    const asks = link.matches("[data-deletes]");
    const dialog = page && dialogOf(page, asks);
    if (document.querySelector("dialog[open]")) return; // another was faster
    for (const menu of document.querySelectorAll("details.menu[open]")) {
      if (!menu.contains(link)) continue;
      menu.querySelector("summary").focus(); // where the focus returns to: the link will be hidden
      menu.open = false;
    }
    if (dialog) open(dialog, asks);
    else location.assign(link.href); // the server has a page that says why
  } catch {
    location.assign(link.href);
  } finally {
    link.ariaBusy = null;
  }
});
