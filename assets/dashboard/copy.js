// A snippet's Copy button. It exists only where it can work: without a script the code is selected by hand.
for (const button of document.querySelectorAll("[data-copy]")) {
  const code = button.closest(".snippet").querySelector("code");
  const label = button.querySelector("span");
  const copy = label.textContent;
  button.hidden = !navigator.clipboard;
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(code.textContent);
    label.textContent = button.dataset.copied;
    setTimeout(() => { label.textContent = copy; }, 2000);
  });
}
