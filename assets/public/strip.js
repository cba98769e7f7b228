// The strip of days as one tab stop: arrows move by a day, Home and End to the ends, Escape closes; a pointer does the same.
// The words come from the page: a day's line in the component's list, or the date and the status of a quiet day.
const tongue = document.documentElement.dataset.locale;
const date = new Intl.DateTimeFormat(tongue, { dateStyle: "long", timeZone: "UTC" });
const quiet = { "": "operational", n: "no-data" };
let open; // the strip whose tip is shown
let openAt; // and the day

const marks = (strip) => [...strip.querySelectorAll("i")];
// firstShown is the oldest day in sight: a phone hides half of them.
const firstShown = (all) => Math.max(0, all.findIndex((mark) => mark.getClientRects().length > 0));

// tell is what the tip shows of a day.
function tell(strip, index) {
  const line = strip.closest(".component").querySelector(`.bad-days [data-day="${index}"]`);
  if (line) return [...line.cloneNode(true).children];
  const day = new Date(`${strip.dataset.from}T00:00:00Z`);
  day.setUTCDate(day.getUTCDate() + index);
  const time = document.createElement("time");
  time.dateTime = day.toISOString().slice(0, 10);
  time.textContent = date.format(day);
  const status = quiet[marks(strip)[index].className];
  const word = document.getElementById("quiet-days").content.querySelector(`[data-status="${status}"]`);
  return word ? [time, word.cloneNode(true)] : [time];
}

function choose(strip, index) {
  const all = marks(strip);
  index = Math.min(Math.max(index, firstShown(all)), all.length - 1);
  strip.setAttribute("aria-valuenow", index);
  strip.setAttribute("aria-valuetext", tell(strip, index).map((e) => e.textContent).join(": "));
  return index;
}

function show(strip, index) {
  if (open && open !== strip) hide(open);
  open = strip;
  openAt = choose(strip, index);
  const mark = marks(strip)[openAt];
  strip.querySelector("[data-chosen]")?.removeAttribute("data-chosen");
  mark.setAttribute("data-chosen", "");
  let tip = strip.querySelector(".day-tip");
  if (!tip) {
    tip = document.createElement("div");
    tip.className = "day-tip";
    tip.ariaHidden = "true"; // said by aria-valuetext already
    strip.append(tip);
  }
  tip.replaceChildren(...tell(strip, openAt));
  place(tip, strip, mark);
}

// place puts the tip over a mark, within the strip.
function place(tip, strip, mark) {
  const half = tip.offsetWidth / 2;
  const centre = mark.offsetLeft + mark.offsetWidth / 2;
  tip.style.setProperty("--at", `${Math.max(half, Math.min(centre, strip.clientWidth - half))}px`);
}

function hide(strip) {
  strip.querySelector(".day-tip")?.remove();
  strip.querySelector("[data-chosen]")?.removeAttribute("data-chosen");
  if (open === strip) open = undefined;
}

const chosen = (strip) => Number(strip.getAttribute("aria-valuenow"));

const keys = {
  ArrowLeft: (at) => at - 1,
  ArrowDown: (at) => at - 1,
  ArrowRight: (at) => at + 1,
  ArrowUp: (at) => at + 1,
  PageDown: (at) => at - 7,
  PageUp: (at) => at + 7,
  Home: () => 0,
  End: () => Infinity,
};

// under is the day below a pointer; the gaps belong to the nearest day.
function under(strip, clientX) {
  const all = marks(strip);
  const first = firstShown(all);
  const left = all[first].getBoundingClientRect().left;
  const right = all.at(-1).getBoundingClientRect().right;
  return first + Math.floor(((clientX - left) / (right - left)) * (all.length - first));
}

const stripOf = (event) => event.target.closest?.(".days[role=slider]");

function enhance() {
  for (const strip of document.querySelectorAll(".days[role=img]")) {
    const days = marks(strip).length;
    if (days === 0) continue;
    strip.setAttribute("role", "slider");
    strip.tabIndex = 0;
    strip.setAttribute("aria-valuemin", 0);
    strip.setAttribute("aria-valuemax", days - 1);
    choose(strip, days - 1);
  }
}

document.addEventListener("keydown", (event) => {
  const strip = stripOf(event);
  if (event.key === "Escape" && open) hide(open);
  if (!strip || !keys[event.key] || event.ctrlKey || event.altKey || event.metaKey) return;
  event.preventDefault();
  show(strip, keys[event.key](chosen(strip)));
});
document.addEventListener("focusin", (event) => {
  const strip = stripOf(event);
  if (strip && strip !== open) show(strip, chosen(strip));
});
document.addEventListener("focusout", (event) => stripOf(event) && hide(stripOf(event)));
for (const type of ["pointermove", "pointerdown"]) {
  document.addEventListener(type, (event) => {
    const strip = stripOf(event);
    if (strip) show(strip, under(strip, event.clientX));
    else if (open && open !== document.activeElement) hide(open);
  });
}
// The page's new days replaced what was added here: add it again, and keep an open tip at its day.
document.addEventListener("statusd:shown", () => {
  enhance();
  if (open?.isConnected) show(open, openAt);
});

enhance();
