// Live: hears by server-sent events that something has changed, fetches this screen again and carries over its live parts
// (morph.js). While events cannot be heard it asks every quarter of a minute instead; while nobody looks it does nothing.
const { morph, files } = globalThis.statusd;

function live(main) {
  const apart = 2_000; // milliseconds between two fetches at least: a page with many checks changes all the time
  const seldom = 15_000;
  let source, polling, waiting, busy = false, again = false, last = 0;

  const parts = (doc) => new Map([...doc.querySelectorAll("[data-live]")].map((part) => [part.dataset.live, part]));

  function show(next) {
    const [here, there] = [parts(document), parts(next)];
    const same = files(next) === files(document) && [...here.keys()].join() === [...there.keys()].join();
    if (!same) return location.reload();
    for (const [name, part] of here) morph(part, there.get(name));
    document.dispatchEvent(new Event("statusd:shown"));
  }

  async function refresh() {
    if (busy) return void (again = true);
    [busy, again, last] = [true, false, Date.now()];
    const answer = await fetch(main.dataset.self, { cache: "no-store" }).catch(() => null); // no network: the next may come through
    if (answer?.redirected || [403, 404].includes(answer?.status)) return location.reload(); // signed out, or it is gone
    const text = answer?.ok ? await answer.text().catch(() => "") : "";
    if (text) show(new DOMParser().parseFromString(text, "text/html"));
    busy = false;
    if (again) soon();
  }

  // soon fetches now, or when the last time is long enough ago. What is told meanwhile the same fetch brings.
  function soon() {
    const rest = last + apart - Date.now();
    if (rest <= 0) return refresh();
    clearTimeout(waiting);
    waiting = setTimeout(refresh, rest);
  }

  function poll(on) {
    clearInterval(polling);
    if (on) polling = setInterval(() => { refresh(); if (source.readyState === EventSource.CLOSED) listen(); }, seldom);
  }

  function listen() {
    let heard = false; // before: what is shown is as new as the stream
    source?.close();
    source = new EventSource(main.dataset.stream);
    source.addEventListener("changed", soon);
    source.onopen = () => { poll(false); if (heard) soon(); heard = true; };
    source.onerror = () => { heard = true; poll(true); };
  }

  function stop() {
    source?.close();
    poll(false);
    clearTimeout(waiting);
  }

  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "visible") { listen(); soon(); } else stop();
  });
  addEventListener("pagehide", stop);
  addEventListener("pageshow", (e) => { if (e.persisted) { listen(); soon(); } });
  if (document.visibilityState === "visible") listen();
}

const shownLive = document.querySelector("main[data-stream]");
if (shownLive) live(shownLive);
