// A form that stays: it is sent without leaving the page, and what the server says about it (problems beside fields, the result of
// a test) is put into the page that is there. So what was typed into secret fields, which the server never sends back, is kept.
for (const form of document.querySelectorAll("form[data-stay]")) {
  const show = (fresh) => {
    form.querySelector("[data-trial]").replaceChildren(...fresh.querySelector("[data-trial]").childNodes);
    form.querySelector("[data-problems]").replaceChildren(...fresh.querySelectorAll("[data-problems] .form-errors"));
    for (const control of form.querySelectorAll("[id^=f-]:is(input, select, textarea, fieldset)")) {
      const twin = fresh.querySelector(`#${control.id}`);
      form.querySelector(`#${control.id}-error`)?.remove();
      for (const name of ["aria-invalid", "aria-describedby"]) {
        if (twin?.hasAttribute(name)) control.setAttribute(name, twin.getAttribute(name));
        else control.removeAttribute(name);
      }
      const error = fresh.querySelector(`#${control.id}-error`);
      if (error && control.matches("fieldset")) control.append(error);
      else if (error) (control.closest(".affix, .select-box, .choice") ?? control).after(error);
      if (error) control.closest("details")?.setAttribute("open", "");
    }
    const problems = form.querySelector(".form-errors");
    if (problems) problems.focus();
    else form.querySelector("[data-trial]").scrollIntoView({ block: "nearest" });
  };

  // leave sends the form as it is sent without this script.
  const leave = (by) => {
    form.dataset.stay = "no";
    form.requestSubmit(by);
  };

  form.addEventListener("submit", async (event) => {
    if (form.dataset.stay === "no") return;
    event.preventDefault();
    const by = event.submitter;
    if (form.ariaBusy === "true") return;
    form.ariaBusy = "true";
    by?.setAttribute("aria-busy", "true");
    try {
      const answer = await fetch(form.action, { method: "POST", body: new URLSearchParams(new FormData(form, by)) });
      if (answer.redirected) {
        form.dispatchEvent(new Event("statusd:saved", { bubbles: true }));
        location.assign(answer.url);
        return;
      }
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      const fresh = page.querySelector("form[data-stay]");
      if (fresh) show(fresh);
      else leave(by); // signed out, or gone: the server has a page for it
    } catch {
      leave(by); // no answer: the browser has a page for it
    } finally {
      form.ariaBusy = null;
      by?.removeAttribute("aria-busy");
    }
  });

  for (const more of form.querySelectorAll("[data-more]")) {
    more.hidden = false;
    more.addEventListener("click", () => {
      const last = [...form.querySelectorAll(more.dataset.more)].at(-1);
      const row = last.cloneNode(true);
      for (const input of row.querySelectorAll("input")) input.value = "";
      last.after(row);
      row.querySelector("input").focus();
    });
  }
}
