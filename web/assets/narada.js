// narada.js: small comforts. Every page works without it.
"use strict";

// A form that destroys something says so in data-confirm.
document.addEventListener("submit", (event) => {
	const question = event.submitter?.dataset.confirm || event.target.dataset.confirm;
	if (question && !window.confirm(question)) event.preventDefault();
});

// Signing out takes away what check-in pages keep on this device, and asks first if some of that was not sent.
document.addEventListener("submit", (event) => {
	const question = event.target.dataset.unsent;
	if (!question || event.defaultPrevented) return;
	const marks = Object.keys(localStorage).filter((name) => name.startsWith("narada-unsent-"));
	if (marks.length > 0 && !window.confirm(question)) {
		event.preventDefault();
		return;
	}
	for (const mark of marks) localStorage.removeItem(mark);
	indexedDB.deleteDatabase("narada-check-in");
});

// Lists filter while their reader types, once they pause.
for (const form of document.querySelectorAll("form[data-live]")) {
	let pause;
	const submit = () => form.requestSubmit();
	form.addEventListener("input", (event) => {
		clearTimeout(pause);
		if (event.target.type === "search") pause = setTimeout(submit, 450);
	});
	form.addEventListener("change", (event) => {
		if (event.target.matches("select, input[type=date], input[type=checkbox]")) submit();
	});
	const search = form.querySelector("input[type=search]");
	if (search?.value && new URLSearchParams(location.search).has(search.name)) {
		search.focus();
		search.setSelectionRange(search.value.length, search.value.length);
	}
}

// Where the reader is stays in sight in navigation that scrolls sideways.
for (const here of document.querySelectorAll(".sections [aria-current], .tabs [aria-current]")) {
	const list = here.closest("ul");
	list.scrollLeft = here.offsetLeft - list.offsetLeft - (list.clientWidth - here.offsetWidth) / 2;
}

// A text to be copied has a button; it is hidden until this runs.
for (const button of document.querySelectorAll("button[data-copy]")) {
	button.hidden = !navigator.clipboard;
	button.addEventListener("click", async () => {
		await navigator.clipboard.writeText(button.dataset.copy);
		button.textContent = button.dataset.copied || "✓";
	});
}

// What went wrong is read first.
document.querySelector(".form-problem")?.focus();
