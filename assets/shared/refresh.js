// Live refresh: while somebody looks, asks for the page again every half minute and carries over what changed. Nodes stay
// where they are, so open details, focus and scroll survive, and the verdict's live region is heard only when it changes.
const period = 30_000;
const longest = 300_000;
let wait = period;
let seen; // ETag of what is shown
let timer;

// morph makes one node like another, keeping as much of it as it can.
function morph(node, next) {
  if (node.nodeType !== Node.ELEMENT_NODE) {
    if (node.data !== next.data) node.data = next.data;
    return;
  }
  for (const { name } of [...node.attributes]) {
    if (!next.hasAttribute(name) && !isReaders(node, name)) node.removeAttribute(name);
  }
  for (const { name, value } of next.attributes) {
    if (node.getAttribute(name) !== value && !isReaders(node, name)) node.setAttribute(name, value);
  }
  morphChildren(node, next);
}

// isReaders says that an attribute is the reader's doing: what they opened stays open.
const isReaders = (node, name) => name === "open" && node.localName === "details";

function morphChildren(node, next) {
  const named = new Map([...node.children].filter((c) => c.id).map((c) => [c.id, c]));
  let at = node.firstChild;
  for (const child of [...next.childNodes]) {
    const kept = child.id ? named.get(child.id) : at;
    if (!kept || kept.nodeName !== child.nodeName || (kept.id ?? "") !== (child.id ?? "")) {
      node.insertBefore(document.importNode(child, true), at);
      continue;
    }
    if (kept === at) at = at.nextSibling;
    else node.insertBefore(kept, at);
    morph(kept, child);
  }
  while (at) {
    const gone = at;
    at = at.nextSibling;
    gone.remove();
  }
}

// files are what a document loads; others than ours mean that the server was updated.
const files = (doc) => [...doc.querySelectorAll("head script, head link[rel=stylesheet]")]
  .map((e) => e.getAttribute("src") ?? e.getAttribute("href")).join();

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
