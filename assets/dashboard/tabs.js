// On a phone the tabs scroll sideways: the current one is brought to the middle. Only they scroll, never the page.
for (const tabs of document.querySelectorAll(".tabs")) {
  const current = tabs.querySelector("[aria-current]")?.getBoundingClientRect();
  if (current) tabs.scrollLeft += current.left + current.width / 2 - tabs.getBoundingClientRect().left - tabs.clientWidth / 2;
}
