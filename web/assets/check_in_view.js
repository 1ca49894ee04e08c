// check_in_view.js: the check-in page: what is shown, by the hooks that web/templates/check_in.html describes at its top.
import { countHeads, factOf, isInside } from "./check_in_fold.js";
import { startRows } from "./check_in_row.js";
import { finder, inOrder } from "./check_in_search.js";

const most = 100;
const shows = {
	expected: (fact, person) => !fact.state && person.response === "accepted",
	inside: (fact) => isInside(fact),
	left: (fact) => Boolean(fact.left_at),
	walk_ins: (fact, person) => !person.response,
};

export function startView(door) {
	const template = document.getElementById("door-pieces").content, language = document.documentElement.lang;
	const piece = (name) => {
		const element = template.querySelector(`[data-piece="${name}"]`).cloneNode(true);
		element.removeAttribute("data-piece");
		return element;
	};
	const words = new Map([...template.querySelectorAll("[data-word]")].map((element) => [element.dataset.word, element.textContent]));
	const word = (name) => words.get(name) ?? "";
	const clock = (instant) => new Intl.DateTimeFormat(language, { hour: "2-digit", minute: "2-digit", timeZone: door.dataset.timeZone }).format(new Date(instant));
	const part = (id) => document.getElementById(id);
	const search = part("q"), item = part("agenda_item_id"), show = part("show"), list = part("door-list"), status = part("door-status"), tools = part("door-tools");
	const fillPerson = startRows(piece, word, clock), compare = inOrder(language);
	const sync = piece("sync"), refused = piece("refused");
	const nobody = piece("nobody"), more = piece("more");
	const rows = new Map();

	function take() {
		for (const element of document.querySelectorAll("#door > .empty, #door > .notice:not(.form-problem)")) if (element !== status) element.remove();
		list.replaceChildren();
		search.form.querySelector("button[type=submit]").hidden = true; // the list follows what is typed
		list.after(nobody, more);
		tools.before(refused);
		tools.replaceChildren(sync);
		tools.hidden = false;
		part("door-counts").querySelector('[data-count="here"]').closest("li").setAttribute("aria-live", "polite");
	}

	// Rows that stay where they are are not moved, so that whoever is in the middle of one stays there.
	function place(people) {
		let at = list.firstElementChild;
		const wanted = new Set(people.map((person) => person.person_id));
		for (const [id, element] of rows) {
			if (wanted.has(id)) continue;
			if (at === element) at = at.nextElementSibling;
			element.remove();
			rows.delete(id);
		}
		for (const person of people) {
			if (!rows.has(person.person_id)) rows.set(person.person_id, piece("person"));
			const element = rows.get(person.person_id);
			fillPerson(element, person, item?.value || null);
			if (element === at) at = at.nextElementSibling;
			else list.insertBefore(element, at);
		}
	}

	function render(people) {
		const found = finder(search.value), at = item?.value || null, fits = shows[show.value] ?? (() => true);
		const matching = people.filter((person) => found(person) && fits(factOf(person, null, at), person)).sort(compare);
		place(matching.slice(0, most));
		more.hidden = matching.length <= most;
		nobody.hidden = matching.length > 0;
		nobody.querySelector("button").hidden = search.value.trim() === "";
		nobody.querySelector('[data-slot="name"]').textContent = search.value.trim();
		const counts = countHeads(people, at);
		for (const element of document.querySelectorAll("#door-counts [data-count]")) if (element.textContent !== String(counts[element.dataset.count])) element.textContent = counts[element.dataset.count];
	}

	// How far this device and the server agree, in plain words.
	function renderSync({ waiting, syncedAt, state, status: code }) {
		const lines = [];
		if (state === "offline") lines.push(word("offline"));
		if (state === "lost") lines.push(word(code === 401 ? "signed_out" : "not_allowed"));
		if (waiting > 0) lines.push(`${word("waiting")}: ${waiting}.`);
		else if (state === "synced") lines.push(word(syncedAt ? "all_sent" : "first"));
		if (syncedAt) lines.push(`${word("synced")}: ${clock(syncedAt)}.`);
		sync.dataset.state = state;
		sync.dataset.waiting = waiting;
		const line = sync.querySelector('[data-slot="sync"]'), text = lines.join(" ");
		if (line.textContent !== text) line.textContent = text;
		const signIn = sync.querySelector('[data-slot="sign-in"]');
		signIn.hidden = code !== 401 || state !== "lost";
		signIn.href = `/sign-in?return=${encodeURIComponent(location.pathname)}`;
	}

	function renderRefused(actions, nameOf) {
		refused.hidden = actions.length === 0;
		refused.querySelector("ul").replaceChildren(...actions.map(({ id, action, refused: why }) => {
			const element = piece("refusal"), say = (name, text) => { element.querySelector(`[data-slot="${name}"]`).textContent = text; };
			element.dataset.action = id;
			say("who", nameOf(action));
			say("what", word(`did.${action.kind}`));
			say("when", clock(action.at));
			say("why", word(`problem.${why.code}`) || why.detail || why.code || "");
			return element;
		}));
	}

	// The last thing that happened; `mood` good, warn or bad has a sign of its own, not a colour alone.
	function say(text, mood = "") {
		status.className = mood ? `notice ${mood}` : "";
		status.textContent = text && mood ? `${{ good: "✓", warn: "!", bad: "✕" }[mood]} ${text}` : text;
	}

	return { piece, word, clock, take, render, renderSync, renderRefused, say, search, list, tools, sync, refused, nobody, item: () => item?.value || null };
}
