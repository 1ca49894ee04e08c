// check_in_row.js: one person, or companion, on the page: filled anew whenever something changes, so that focus and an open note stay.
import { factOf, isHere, isInside } from "./check_in_fold.js";

const slot = (element, name) => element.querySelector(`:scope > .who [data-slot="${name}"], :scope > [data-slot="${name}"]`);

function badge(kind, text) {
	const element = document.createElement("span");
	element.className = `badge is-${kind}`;
	element.textContent = text;
	return element;
}

function small(text) {
	const element = document.createElement("span");
	element.className = "small nowrap";
	element.textContent = text;
	return element;
}

export function startRows(pieces, word, clock) {
	function fillState(element, fact, person) {
		const parts = [];
		if (fact.state) {
			parts.push(badge(fact.state, word(`state.${fact.state}`)));
			if (fact.arrived_at) parts.push(small(clock(fact.arrived_at)));
			if (fact.left_at) parts.push(small(`${word("left")} ${clock(fact.left_at)}`));
		} else if (person) {
			parts.push(person.response ? badge(person.response, word(`response.${person.response}`)) : small(word("uninvited")));
		}
		if (person?.waiting) parts.push(small(`↑ ${word("unsent")}`));
		element.replaceChildren(...parts.flatMap((part, i) => (i ? [" ", part] : [part])));
	}

	// What can be done now. A button that goes while it has the focus leaves it to the one that takes its place.
	function fillButtons(element, fact, name) {
		const shown = { arrive: !isInside(fact), leave: isInside(fact), undo: Boolean(fact.undoes), online: !fact.state, excuse: !fact.state };
		const own = ":is(:scope > .actions, :scope > .more)", actions = element.querySelector(":scope > .actions");
		const had = element.contains(document.activeElement) ? document.activeElement : null;
		for (const button of element.querySelectorAll(`${own} button[data-act]`)) button.hidden = !shown[button.dataset.act];
		for (const of of element.querySelectorAll(`${own} [data-slot="of"]`)) of.textContent = `: ${name}`;
		actions.querySelector('[data-slot="arrive"]').textContent = word(fact.left_at ? "back" : "arrive");
		if (had?.hidden) actions.querySelector("button[data-act]:not([hidden])")?.focus();
	}

	function fill(element, fact, name, person) {
		element.dataset.state = fact.state ?? "";
		element.dataset.inside = isInside(fact);
		element.dataset.left = Boolean(fact.left_at);
		slot(element, "name").textContent = name;
		fillState(slot(element, "state"), fact, person);
		fillButtons(element, fact, name);
	}

	function fillCompanions(list, person, item) {
		const before = new Map([...list.children].map((element) => [element.dataset.companion, element]));
		for (const companion of person.companions) {
			const element = before.get(companion.id) ?? pieces("companion");
			element.dataset.companion = companion.id;
			fill(element, factOf(person, companion.id, item), companion.name, null);
			before.delete(companion.id);
			if (!element.parentElement) list.append(element);
		}
		for (const element of before.values()) element.remove();
		list.hidden = person.companions.length === 0;
	}

	return function fillPerson(element, person, item) {
		element.dataset.person = person.person_id;
		fill(element, factOf(person, null, item), person.name, person);
		for (const name of ["organisation", "position", "note"]) slot(element, name).textContent = person[name] ?? "";
		fillCompanions(element.querySelector(":scope > .along"), person, item);
		element.classList.toggle("came", isHere(factOf(person, null, item)));
	};
}
