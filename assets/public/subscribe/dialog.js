// The Subscribe button opens the form as a dialog. Without this script it leads to a page; here the part of that page which is marked
// data-dialog-body is fetched and shown, and so is what the server answers when it is sent.
const opener = document.querySelector("a[data-subscribe]:not([data-framed] *)");

const parse = (text) => new DOMParser().parseFromString(text, "text/html");

// styles are the sheets of a page that this one has not. They go into the dialog: the page knows by its head when it is outdated.
function styles(page) {
  const own = new Set([...document.querySelectorAll("link[rel=stylesheet]")].map((link) => link.getAttribute("href")));
  return [...page.querySelectorAll("head link[rel=stylesheet]")].filter((link) => !own.has(link.getAttribute("href")));
}

// show puts a page's part into the dialog; false when the page has none.
function show(dialog, page) {
  const part = page.querySelector("[data-dialog-body]");
  if (!part) return false;
  const body = dialog.querySelector(".dialog-body");
  const sprite = page.querySelectorAll("body > svg.sprite:nth-of-type(2)");
  body.replaceChildren(...[...sprite, part].map((node) => document.importNode(node, true)));
  const lead = page.querySelector("main .lead");
  if (lead) body.prepend(document.importNode(lead, true));
  dialog.querySelector("h2").textContent = page.querySelector("h1").textContent;
  document.dispatchEvent(new Event("statusd:shown"));
  return true;
}

function newDialog() {
  const dialog = document.createElement("dialog");
  dialog.className = "dialog";
  dialog.setAttribute("aria-labelledby", "subscribe-title");
  dialog.innerHTML = `<div class="dialog-head"><h2 id="subscribe-title" tabindex="-1"></h2><button class="button button-quiet button-icon" type="button"><svg class="icon" aria-hidden="true"><use href="#i-close"/></svg></button></div><div class="dialog-body"></div>`;
  const close = dialog.querySelector("button");
  close.ariaLabel = opener.dataset.close;
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

async function open() {
  const page = parse(await (await fetch(opener.href)).text());
  const dialog = newDialog();
  if (!show(dialog, page) || document.querySelector("dialog[open]")) return page.querySelector("[data-dialog-body]") !== null;
  const sheets = styles(page).map((link) => document.importNode(link));
  dialog.prepend(...sheets);
  const loaded = Promise.all(sheets.map(load));
  document.body.append(dialog);
  await loaded;
  dialog.showModal();
  dialog.querySelector(".dialog-body input:not([type=hidden])")?.focus();
  return true;
}

async function send(event) {
  const form = event.target;
  event.preventDefault();
  if (form.ariaBusy === "true") return;
  form.ariaBusy = "true";
  try {
    const answer = await fetch(form.action, { method: "POST", body: new URLSearchParams(new FormData(form)) });
    const dialog = form.closest("dialog");
    if (!show(dialog, parse(await answer.text()))) throw new Error(answer.status);
    dialog.scrollTop = 0;
    (dialog.querySelector(".form-errors") ?? dialog.querySelector("h2")).focus();
  } catch {
    form.submit(); // the server has a page that says why
  }
  form.ariaBusy = null;
}

opener?.addEventListener("click", async (event) => {
  if (event.button !== 0 || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
  event.preventDefault();
  if (opener.ariaBusy === "true") return;
  opener.ariaBusy = "true";
  try {
    if (!await open()) location.assign(opener.href);
  } catch {
    location.assign(opener.href);
  }
  opener.ariaBusy = null;
});
