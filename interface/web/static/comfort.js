// Comforts that the pages do without: menus close by themselves, what is shown once is copied by a button, and a
// one-time link is taken from the address.
const closeOthers = (event) => {
  for (const open of document.querySelectorAll("details.popup[open]")) {
    if (!open.contains(event.target)) open.open = false;
  }
};
document.addEventListener("click", closeOthers);
// Whoever goes on by keyboard is not led under an open menu; a press of the mouse moves the focus before it clicks.
document.addEventListener("keyup", (event) => {
  if (event.key === "Tab") closeOthers(event);
});

// Enter chooses and Escape gives up what an input method proposes, such as Japanese ones: nothing is sent or closed.
// Safari tells of that Enter when the composition is over, by its number 229.
document.addEventListener("keydown", (event) => {
  if (event.isComposing || event.keyCode === 229) {
    if (event.key === "Enter") event.preventDefault();
    return;
  }
  if (event.key !== "Escape") return;
  for (const open of document.querySelectorAll("details.popup[open]")) {
    open.open = false;
    if (open.contains(document.activeElement)) open.querySelector("summary").focus();
  }
});

for (const button of document.querySelectorAll("button[data-copies]")) {
  const field = document.getElementById(button.dataset.copies);
  if (!navigator.clipboard) continue;
  button.hidden = false;
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(field.value ?? field.textContent);
    button.textContent = button.dataset.copied;
  });
}

const linkForm = document.querySelector("form[data-takes-anchor]");
if (linkForm) {
  const takeAnchor = () => {
    if (!location.hash) return;
    linkForm.querySelector("input[name=link]").value = location.hash.slice(1);
    history.replaceState(null, "", location.pathname);
    linkForm.submit();
  };
  addEventListener("hashchange", takeAnchor);
  takeAnchor();
}

// A live region that is full when the page comes is not read out: its words come once more, a moment later, unseen.
const messages = document.querySelector(".messages");
if (messages && messages.childElementCount) {
  const voice = document.createElement("div");
  voice.className = "visually-hidden";
  voice.setAttribute("aria-live", "polite");
  messages.after(voice);
  setTimeout(() => { voice.textContent = [...messages.querySelectorAll("p")].map((line) => line.textContent).join(" "); }, 150);
}

// A button for several says how many are selected.
for (const button of document.querySelectorAll("button[data-counts]")) {
  const label = button.textContent;
  const boxes = document.querySelectorAll(`input[form="${button.form.id}"]`);
  const count = () => {
    const number = [...boxes].filter((box) => box.checked).length;
    button.textContent = number ? `${label} (${number})` : label;
  };
  for (const box of boxes) box.addEventListener("change", count);
  count();
}
