// A changed address breaks links: the box that says so appears as soon as the address differs, not only when it is sent.
const warning = document.querySelector("[data-slug-now]");
const address = document.getElementById("f-slug");
if (warning && address) {
  address.addEventListener("input", () => { warning.hidden = address.value.trim() === warning.dataset.slugNow; });
}
