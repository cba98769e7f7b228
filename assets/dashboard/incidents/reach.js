// How many would be told: asked again whenever other components are ticked.
for (const told of document.querySelectorAll("[data-reach]")) {
  const { form } = told.querySelector("input");
  let newest = 0;
  form.addEventListener("change", async (event) => {
    if (event.target.name !== "component") return;
    const mine = ++newest;
    const address = new URL(told.dataset.reach, location.href);
    for (const box of form.querySelectorAll("[name=component]:checked")) address.searchParams.append("component", box.value);
    const answer = await fetch(address).catch(() => null);
    if (mine === newest && answer?.ok && !answer.redirected) told.querySelector(".help").textContent = await answer.text();
  });
}
