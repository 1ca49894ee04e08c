// check_in.js: takes the check-in page over: what is done is kept on this device at once, and sent when there is network. Without it the page works by its forms.
import { hasCamera, startCamera } from "./check_in_camera.js";
import { factOf, isInside, overlay } from "./check_in_fold.js";
import { workOffline } from "./check_in_offline.js";
import { openStore } from "./check_in_store.js";
import { startSync } from "./check_in_sync.js";
import { codeOf, ticketKey, ticketOf } from "./check_in_ticket.js";
import { startView } from "./check_in_view.js";

const door = document.getElementById("door");
const unsentMark = `narada-unsent-${door?.dataset.meeting}`; // narada.js asks before signing out

async function start() {
	const place = location.pathname, meeting = door.dataset.meeting;
	// By where the page is, and not by what it says: a kept page has the same addresses as a fresh one.
	const addresses = { actions: `${place}/actions`, roster: `${place}/roster`, counts: `${place}.json`, events: `${place}/events` };
	const store = await openStore(meeting, document.querySelector('meta[name="meeting-ends"]').content);
	const view = startView(door);
	let kept = await store.read(), people = [], state = { state: "synced" }, taken = false;
	const waiting = () => kept.actions.filter((one) => !one.refused);
	const named = (id) => people.find((person) => person.person_id === (kept.about.aliases[id] ?? id));
	const nameOf = (action) => action.person?.name ?? named(action.person_id)?.name ?? view.word("ticket");

	function render() {
		people = overlay(kept.people, waiting().map((one) => one.action), kept.about.aliases);
		if (!taken && (kept.about.cursor || state.state !== "synced")) {
			taken = true;
			view.take();
			listenToPage();
		}
		if (!taken) return;
		view.render(people);
		view.renderSync({ waiting: waiting().length, syncedAt: kept.about.synced_at, ...state });
		view.renderRefused(kept.actions.filter((one) => one.refused), nameOf);
		if (waiting().length > 0) localStorage.setItem(unsentMark, waiting().length);
		else localStorage.removeItem(unsentMark);
	}

	async function reread() {
		kept = await store.read();
		render();
	}

	const sync = startSync(addresses, store, meeting, async (told) => {
		state = told;
		await reread();
	});

	// Keeps what was done, shows it, sends it. Nobody is told that it is done before it is kept.
	async function act(kind, about) {
		const action = { id: crypto.randomUUID(), kind, at: new Date().toISOString() };
		for (const [name, value] of Object.entries(about)) if (value) action[name] = value;
		try {
			await store.addAction(action);
		} catch {
			view.say(view.word("not_kept"), "bad");
			return null;
		}
		await reread();
		sync.queued();
		sync.run();
		return action;
	}

	async function tell(kind, about, name) {
		const action = await act(kind, about);
		if (action) view.say(`${name}: ${view.word(`did.${kind}`)}, ${view.clock(action.at)}`, "good");
	}

	function press(button) {
		const row = button.closest("[data-person]"), person = named(row.dataset.person), wanted = button.dataset.act;
		const companion = button.closest("[data-companion]")?.dataset.companion ?? null, agenda_item_id = view.item();
		const fact = factOf(person, companion, agenda_item_id), name = person.companions.find((one) => one.id === companion)?.name ?? person.name;
		const about = { person_id: person.person_id, companion_id: companion, agenda_item_id };
		if (wanted === "undo") return tell("undo", { person_id: person.person_id, undoes: fact.undoes }, name);
		if (wanted === "online") return tell("arrive", { ...about, mode: "online" }, name);
		return tell(wanted, about, name);
	}

	async function scan(token) {
		const key = await ticketKey(token), person = people.find((one) => one.ticket_key === key);
		if (person) return welcome(person);
		if (await act("arrive", { ticket: token, agenda_item_id: view.item() })) view.say(view.word("ticket_later"), "warn");
	}

	// Eight letters and digits may be a name's as well: false if they are no ticket's code.
	async function typedCode(code) {
		const key = await ticketKey(code), person = people.find((one) => one.code_key === key);
		if (person) await welcome(person);
		return Boolean(person);
	}

	async function welcome(person) {
		const agenda_item_id = view.item();
		const fact = factOf(person, null, agenda_item_id);
		if (isInside(fact)) return view.say(`${person.name}: ${view.word("already")}, ${view.clock(fact.arrived_at ?? new Date())}`, "warn");
		await tell("arrive", { person_id: person.person_id, agenda_item_id }, person.name);
		if (person.response !== "accepted") view.say(`${person.name}: ${view.word("did.arrive")}. ${view.word("not_awaited")}: ${view.word(`response.${person.response}`)}`, "warn");
		navigator.vibrate?.(80);
	}

	function openWalkIn() {
		const form = document.getElementById("walk-in"), name = form.elements["person.name"];
		form.closest("details").open = true;
		name.value = view.search.value.trim();
		view.search.value = "";
		render();
		name.focus();
	}

	async function walkIn(form) {
		const person = {};
		for (const name of ["name", "organisation", "email"]) {
			const value = form.elements[`person.${name}`]?.value.trim();
			if (value) person[name] = value;
		}
		await tell("walk_in", { person, agenda_item_id: view.item() }, person.name);
		form.reset();
		view.search.focus();
	}

	let camera = null, lastSeen = { text: "", at: 0 };
	async function seen(text) {
		// The same ticket stays in sight for a while.
		if (text === lastSeen.text && Date.now() - lastSeen.at < 5000) return void (lastSeen.at = Date.now());
		lastSeen = { text, at: Date.now() };
		const token = ticketOf(text);
		if (token) await scan(token);
		else view.say(view.word("no_ticket"), "bad");
	}

	async function openCamera() {
		if (camera) return;
		const panel = view.piece("camera");
		view.tools.after(panel);
		try {
			camera = await startCamera(panel.querySelector("video"), seen);
			camera.panel = panel;
		} catch {
			panel.remove();
			view.say(view.word("no_camera"), "bad");
		}
	}

	function closeCamera() {
		camera?.stop();
		camera?.panel.remove();
		camera = null;
		view.sync.querySelector('[data-do="camera"]').focus();
	}

	const doings = {
		sync: () => sync.run(),
		camera: openCamera,
		"camera-off": closeCamera,
		"walk-in": openWalkIn,
		async dismiss(button) {
			await store.dropAction(button.closest("[data-action]").dataset.action);
			await reread();
			view.search.focus();
		},
	};

	async function submitted(form) {
		if (form.id === "door-search") {
			const token = ticketOf(view.search.value), code = codeOf(view.search.value);
			if (token) await scan(token);
			if (token || (code && (await typedCode(code)))) view.search.value = "";
			render();
		} else if (form.id === "walk-in") {
			await walkIn(form);
		} else if (form.dataset.act === "note") {
			const person = named(form.closest("[data-person]").dataset.person), note = form.elements.note.value.trim();
			if (note) await tell("note", { person_id: person.person_id, note }, person.name);
			form.reset();
			form.closest("details").open = false;
		}
	}

	function listenToPage() {
		view.sync.querySelector('[data-do="camera"]').hidden = !hasCamera();
		door.addEventListener("click", (event) => {
			const button = event.target.closest("button[data-act], button[data-do]");
			if (button?.dataset.do) doings[button.dataset.do](button);
			else if (button) press(button);
		});
		door.addEventListener("submit", (event) => {
			event.preventDefault();
			submitted(event.target);
		});
		door.addEventListener("input", (event) => event.target === view.search && render());
		door.addEventListener("change", (event) => event.target.matches("#show, #agenda_item_id") && render());
		view.search.addEventListener("focus", () => view.search.select());
		// A scanner held in a hand types, wherever the focus is.
		document.addEventListener("keydown", (event) => {
			const typed = event.key.length === 1 && event.key !== " " && !event.ctrlKey && !event.metaKey && !event.altKey;
			if (typed && !event.target.closest("input, textarea, select, [contenteditable]")) view.search.focus();
		});
		// Signing out has asked already, and taken the mark away.
		addEventListener("beforeunload", (event) => waiting().length > 0 && localStorage.getItem(unsentMark) && event.preventDefault());
	}

	render();
	sync.run();
	workOffline().then((ready) => { door.dataset.offline = ready; });
}

// On an insecure address browsers have none of this; then the page's forms do.
if (door && window.isSecureContext && window.indexedDB) start();
