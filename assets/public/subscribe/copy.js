// Copy buttons beside what is shown once. They exist only where they can work: without a script the text is selected by hand.
function offer() {
  for (const button of document.querySelectorAll("[data-copy]")) button.hidden = !navigator.clipboard;
}

offer();
document.addEventListener("statusd:shown", offer);

document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-copy]");
  if (!button) return;
  await navigator.clipboard.writeText(button.parentElement.querySelector("code").textContent);
  const label = button.querySelector("span");
  button.dataset.copy ||= label.textContent;
  label.textContent = button.dataset.copied;
  setTimeout(() => { label.textContent = button.dataset.copy; }, 2000);
});
