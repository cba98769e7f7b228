// Making a document that is shown like one that was fetched. Nodes stay where they are, so open details, focus and scroll survive.

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

globalThis.statusd = { morph, files }; // each file of a bundle has its names to itself
