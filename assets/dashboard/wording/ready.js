// What becomes of Markdown, shown while it is typed. The server makes it, as it does for visitors.
const calmness = 400; // milliseconds without a key, before it is asked

function readyOf(shown) {
  const section = shown.closest(".ready");
  const area = section.parentElement.querySelector("textarea");
  let timer, asking;

  async function ask() {
    asking?.abort();
    asking = new AbortController();
    if (area.value.trim() === "") return void (section.hidden = true);
    try {
      const answer = await fetch(shown.dataset.ready, { method: "POST", body: new URLSearchParams({ text: area.value }), signal: asking.signal });
      if (!answer.ok) return; // signed out, say: what is shown is merely older than what is typed
      shown.innerHTML = await answer.text();
      section.hidden = false;
    } catch {
      // no answer, or a newer question: the next key asks again
    }
  }

  area.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(ask, calmness);
  });
  ask();
}

for (const shown of document.querySelectorAll("[data-ready]")) readyOf(shown);
for (const button of document.querySelectorAll("[data-ready-button]")) button.hidden = true;
