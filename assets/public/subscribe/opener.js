// The Subscribe button opens the form as a dialog. Without this script it leads to a page; here that page is fetched, with the script of
// its own that knows how to show it (dialog.js).
const opener = document.querySelector("a[data-subscribe]:not([data-framed] *)");

opener?.addEventListener("click", async (event) => {
  if (event.button !== 0 || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
  event.preventDefault();
  if (opener.ariaBusy === "true") return;
  opener.ariaBusy = "true";
  try {
    const page = new DOMParser().parseFromString(await (await fetch(opener.href)).text(), "text/html");
    await import(page.querySelector("head script").getAttribute("src"));
    await globalThis.statusd.subscribe(page, opener.dataset.close);
  } catch {
    location.assign(opener.href);
  }
  opener.ariaBusy = null;
});
