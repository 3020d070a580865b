// Everything works without this file. It moves the focus to the summary of errors, keeps a hasty second click quiet and
// folds the menu again when one goes on elsewhere.
document.addEventListener("DOMContentLoaded", () => {
  document.querySelector("[data-error-summary]")?.focus();
});
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.method !== "post" || form.hasAttribute("hx-post")) return;
  if (form.dataset.sent) { event.preventDefault(); return; }
  form.dataset.sent = "1";
  setTimeout(() => delete form.dataset.sent, 4000);
});
window.addEventListener("pageshow", () => document.querySelectorAll("form[data-sent]").forEach((f) => delete f.dataset.sent));
const fold = (event) => {
  const more = document.querySelector(".more[open]");
  if (more && !more.contains(event.target)) more.open = false;
};
document.addEventListener("focusin", fold);
document.addEventListener("pointerdown", fold);
document.addEventListener("keydown", (event) => {
  const more = document.querySelector(".more[open]");
  if (event.key !== "Escape" || !more) return;
  more.open = false;
  more.querySelector("summary").focus();
});
