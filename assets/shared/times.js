// Times: how long ago instead of when, and the reader's own zone on hover. What the server sent is absolute, so a page that
// was cached, printed or read without this script is right too.
const locale = document.documentElement.dataset.locale;
const exact = new Intl.DateTimeFormat(locale, { dateStyle: "long", timeStyle: "long" });
const units = [["second", 60], ["minute", 60], ["hour", 24], ["day", Infinity]];

function ago(then, style) {
  // A clock that runs behind the server's must not show the future.
  let distance = Math.max(0, Math.round((Date.now() - then) / 1000));
  for (const [unit, size] of units) {
    if (distance < size) {
      return new Intl.RelativeTimeFormat(locale, { numeric: "auto", style }).format(-distance, unit);
    }
    distance = Math.floor(distance / size);
  }
}

function tell() {
  for (const time of document.querySelectorAll("time[data-ago]")) {
    const then = new Date(time.dateTime);
    const text = ago(then, time.dataset.ago);
    if (time.textContent !== text) time.textContent = text;
    time.title = exact.format(then);
  }
}

tell();
setInterval(tell, 5_000); // often enough to be true, too seldom to fidget
document.addEventListener("statusd:shown", tell);
