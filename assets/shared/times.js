// Times: how long ago instead of when, and in the reader's own zone. What the server sent is absolute and in the page's zone, so a
// page that was cached, printed or read without this script is right too.
const locale = document.documentElement.dataset.locale;
const format = (how) => new Intl.DateTimeFormat(locale, how);
const exact = format({ dateStyle: "long", timeStyle: "long" });
const units = [["second", 60], ["minute", 60], ["hour", 24], ["day", Infinity]];
const month = { day: "numeric", month: "long" };
const date = format({ ...month, year: "numeric" });
const day = format(month);
const clock = format({ hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
const zone = format({ timeZoneName: "short" });
// between is what the language writes between a date and a time of day: ", " or " ".
const between = format({ dateStyle: "short", timeStyle: "short" }).formatToParts(0).findLast((p, i, all) => all[i + 1]?.type === "hour").value;

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

// A zone without a name is written as the server writes it: UTC+3.
const zoneAt = (t) => zone.formatToParts(t).find((p) => p.type === "timeZoneName").value.replace(/^GMT(?=[+-])/, "UTC");
const clockAt = (t) => `${clock.format(t)} ${zoneAt(t)}`;
const forms = {
  date: (t) => date.format(t),
  full: (t) => date.format(t) + between + clockAt(t),
  begin: (t) => date.format(t) + between + clock.format(t),
  day: (t) => day.format(t) + between + clockAt(t),
  clock: clockAt,
  time: (t) => clock.format(t),
};

function here(time) {
  const { form, since } = time.dataset;
  const then = new Date(time.dateTime);
  // A date alone is a day wherever one is; noon of it is on that day.
  const otherDay = since && date.format(new Date(since.length > 10 ? since : `${since}T12:00`)) !== date.format(then);
  return forms[otherDay ? "full" : form](then);
}

function tell() {
  for (const time of document.querySelectorAll("time[data-ago]")) {
    const then = new Date(time.dateTime);
    const text = ago(then, time.dataset.ago);
    if (time.textContent !== text) time.textContent = text;
    time.title = exact.format(then);
  }
}

// tellHere keeps what the server wrote, in the page's zone, for whoever points at a time.
function tellHere() {
  for (const time of document.querySelectorAll("time[data-form]:not([title])")) {
    time.title = time.textContent;
    time.textContent = here(time);
  }
  for (const name of document.querySelectorAll("[data-zone]")) name.textContent = zone.resolvedOptions().timeZone;
}

tell();
tellHere();
setInterval(tell, 5_000); // often enough to be true, too seldom to fidget
document.addEventListener("statusd:shown", tell);
document.addEventListener("statusd:shown", tellHere);
