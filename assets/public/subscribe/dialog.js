// The form as a dialog: the part of its page that is marked data-dialog-body is shown over the page that is there, and so is what the
// server answers when it is sent. opener.js begins it.

// styles are the sheets of a page that this one has not. They go into the dialog: the page knows by its head when it is outdated.
function styles(page) {
  const own = new Set([...document.querySelectorAll("link[rel=stylesheet]")].map((link) => link.getAttribute("href")));
  return [...page.querySelectorAll("head link[rel=stylesheet]")].filter((link) => !own.has(link.getAttribute("href")));
}

// show puts a page's part into the dialog; a page that has none is an error.
function show(dialog, page) {
  const body = dialog.querySelector(".dialog-body");
  const parts = [...page.querySelectorAll("[data-dialog-sprite], main .lead"), page.querySelector("[data-dialog-body]")];
  const secret = body.querySelector("[type=password]")?.value ?? "";
  body.replaceChildren(...parts.map((node) => document.importNode(node, true)));
  const again = body.querySelector("[type=password]"); // the server does not answer with it, and it need not be found again
  if (again) again.value = secret;
  dialog.querySelector("h2").textContent = page.querySelector("h1").textContent;
  document.dispatchEvent(new Event("statusd:shown"));
}

function newDialog(closeLabel) {
  const dialog = document.createElement("dialog");
  dialog.className = "dialog";
  dialog.setAttribute("aria-labelledby", "subscribe-title");
  dialog.innerHTML = `<div class="dialog-head"><h2 id="subscribe-title" tabindex="-1"></h2><button class="button button-quiet button-icon" type="button"><svg class="icon" aria-hidden="true"><use href="#i-close"/></svg></button></div><div class="dialog-body"></div>`;
  const close = dialog.querySelector("button");
  close.ariaLabel = closeLabel;
  close.addEventListener("click", () => dialog.close());
  dialog.addEventListener("close", () => dialog.remove());
  dialog.addEventListener("submit", send);
  return dialog;
}

// load waits until a sheet is there, or is known not to come.
const load = (link) => new Promise((done) => {
  link.onload = done;
  link.onerror = done;
});

async function open(page, closeLabel) {
  if (document.querySelector("dialog[open]")) return;
  const dialog = newDialog(closeLabel);
  show(dialog, page);
  const sheets = styles(page).map((link) => document.importNode(link));
  dialog.prepend(...sheets);
  const loaded = Promise.all(sheets.map(load));
  document.body.append(dialog);
  await loaded;
  dialog.showModal();
  dialog.querySelector(".dialog-body :checked")?.focus();
}

async function send(event) {
  const form = event.target;
  event.preventDefault();
  if (form.ariaBusy === "true") return;
  form.ariaBusy = "true";
  const dialog = form.closest("dialog");
  try {
    const answer = await fetch(form.action, { method: "POST", body: new URLSearchParams(new FormData(form)) });
    show(dialog, new DOMParser().parseFromString(await answer.text(), "text/html"));
    dialog.scrollTop = 0;
    (dialog.querySelector(".form-errors") ?? dialog.querySelector("h2")).focus();
  } catch {
    form.submit(); // the server has a page that says why
  }
  form.ariaBusy = null;
}

(globalThis.statusd ??= {}).subscribe = open;
