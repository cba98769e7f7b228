// The preview follows what is typed: the form is sent as its "Show preview" button would send it, and what comes back says what to show.
const branding = document.getElementById("branding");
if (branding) {
  const frame = document.getElementById("preview-frame");
  const color = document.getElementById("f-branding-primaryColor");
  const swatch = document.getElementById("swatch");
  const help = document.getElementById("f-branding-primaryColor-help");
  const pause = 250;
  let shown = frame.getAttribute("src");
  let timer;
  let asked;

  branding.querySelector("[value=preview]").hidden = true;

  async function show() {
    asked?.abort();
    asked = new AbortController();
    const body = new URLSearchParams(new FormData(branding));
    body.set("do", "preview");
    try {
      const answer = await fetch(branding.action, { method: "POST", body, signal: asked.signal });
      if (!answer.ok) return; // what is half typed shows nothing yet
      const next = new DOMParser().parseFromString(await answer.text(), "text/html");
      help.textContent = next.getElementById(help.id).textContent;
      const src = next.getElementById(frame.id).getAttribute("src");
      if (src !== shown) frame.contentWindow.location.replace(new URL(src, location.href)); // no step for the Back button
      shown = src;
    } catch {
      // The next letter asks again.
    }
  }

  swatch.addEventListener("input", () => { color.value = swatch.value; });
  color.addEventListener("input", () => {
    if (/^#[0-9a-f]{6}$/i.test(color.value.trim())) swatch.value = color.value.trim();
  });
  branding.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(show, pause);
  });
  for (const theme of document.querySelectorAll("input[form=branding]")) theme.addEventListener("change", show);
}
