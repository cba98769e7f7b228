// Time zones are offered while somebody types; the browser knows their names.
const zone = document.getElementById("f-timeZone");
if (zone && Intl.supportedValuesOf) {
  const names = document.createElement("datalist");
  names.id = "zones";
  names.append(...[...new Set(["UTC", ...Intl.supportedValuesOf("timeZone")])].map((name) => new Option(name, name)));
  zone.after(names);
  zone.setAttribute("list", names.id);
}
