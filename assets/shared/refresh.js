// Live refresh: while somebody looks, asks for the page again every half minute and carries over what changed (morph.js). The
// verdict's live region is heard only when it changes.
const { morph, files } = globalThis.statusd; // of morph.js
const period = 30_000;
const longest = 300_000;
let wait = period;
let seen; // ETag of what is shown
let timer;

function show(next) {
  const main = next.querySelector("main");
  if (!main || files(next) !== files(document)) return location.reload();
  document.title = next.title;
  document.querySelector("link[rel=icon]").href = next.querySelector("link[rel=icon]").getAttribute("href");
  morph(document.querySelector("main"), main);
  document.dispatchEvent(new Event("statusd:shown"));
}

async function refresh() {
  try {
    const answer = await fetch(location.href, { cache: "no-cache" });
    if (answer.status === 404) return; // the page is gone: asking again would not bring it back
    if (!answer.ok) throw new Error(answer.status);
    const tag = answer.headers.get("ETag");
    if (!tag || tag !== seen) show(new DOMParser().parseFromString(await answer.text(), "text/html"));
    seen = tag;
    wait = period;
  } catch {
    wait = Math.min(2 * wait, longest);
  }
  schedule();
}

function schedule() {
  clearTimeout(timer);
  timer = setTimeout(() => document.visibilityState === "visible" && refresh(), wait);
}

document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && refresh());
document.addEventListener("statusd:refresh", refresh);
schedule();
