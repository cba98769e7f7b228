// Links that open as a dialog. Without this script they lead to a page; here the part of that page which is marked
// data-dialog-body is fetched and shown over the screen that is there. data-confirm is a question: the focus starts on Cancel.
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

// dialogOf is a page's part as a dialog; nothing when the page has none.
function dialogOf(page, asks) {
  const part = page.querySelector("main [data-dialog-body]");
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
  body.append(document.importNode(part, true));
  dialog.append(head, body);
  rename(body);
  const lost = body.querySelector("#in-dialog-lost");
  if (lost) dialog.setAttribute("aria-describedby", lost.id);
  return dialog;
}

function open(dialog) {
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
  const link = event.target.closest("a[data-confirm], a[data-dialog]");
  if (!link || event.defaultPrevented || event.button !== 0 || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
  event.preventDefault();
  if (link.ariaBusy === "true") return;
  link.ariaBusy = "true";
  try {
    const answer = await fetch(link.href);
    const page = answer.ok && !answer.redirected && new DOMParser().parseFromString(await answer.text(), "text/html");
    const dialog = page && dialogOf(page, link.matches("[data-confirm]"));
    if (document.querySelector("dialog[open]")) return; // another was faster
    for (const menu of document.querySelectorAll("details.menu[open]")) {
      if (!menu.contains(link)) continue;
      menu.querySelector("summary").focus(); // where the focus returns to: the link will be hidden
      menu.open = false;
    }
    if (dialog) open(dialog);
    else location.assign(link.href); // the server has a page that says why
  } catch {
    location.assign(link.href);
  } finally {
    link.ariaBusy = null;
  }
});
