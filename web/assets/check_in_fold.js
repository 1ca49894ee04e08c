// check_in_fold.js: who is there by the server's list and by what this device did since. Pure: it changes nothing it is given.
//
// An action is kept as {id, kind, at, person_id, companion_id, agenda_item_id, undoes, …}, as the server takes it. The server's own fold has the
// last word, once it has heard; this one only has to look right until then.
const here = new Set(["present", "remote"]);

export const isHere = (fact) => here.has(fact.state);
export const isInside = (fact) => isHere(fact) && !fact.left_at;

const nothing = () => ({ state: null, arrived_at: null, left_at: null, undoes: null });
const earlier = (one, other) => (one && Date.parse(one) < Date.parse(other) ? one : other);

// What is known of a person or a companion, at the meeting (item null) or at a part of its programme.
export function factOf(person, companion = null, item = null) {
	if (item) return person.items.find((it) => it.agenda_item_id === item && it.companion_id === companion) ?? nothing();
	return companion ? (person.companions.find((it) => it.id === companion) ?? nothing()) : person;
}

function factToChange(person, companion, item) {
	const fact = factOf(person, companion, item);
	if (item && !person.items.includes(fact)) person.items.push(Object.assign(fact, { agenda_item_id: item, companion_id: companion }));
	return fact;
}

function arrive(fact, action) {
	const before = isHere(fact);
	fact.arrived_at = before ? earlier(fact.arrived_at, action.at) : action.at;
	if (action.mode !== "online") fact.state = "present";
	else if (!before) fact.state = "remote";
	if (fact.left_at && Date.parse(fact.left_at) <= Date.parse(action.at)) fact.left_at = null;
}

function stayAway(state) {
	return (fact) => {
		if (!isHere(fact)) fact.state = state;
	};
}

const changes = {
	arrive,
	leave(fact, action) {
		if (isHere(fact)) fact.left_at = action.at;
	},
	excuse: stayAway("excused"),
	absent: stayAway("absent"),
};

function act(person, action) {
	const companion = action.companion_id ?? null, item = action.agenda_item_id ?? null;
	if (action.kind === "note") {
		person.note = [person.note, action.note].filter(Boolean).join("; ");
		return;
	}
	const kind = action.kind === "walk_in" ? "arrive" : action.kind;
	const fact = factToChange(person, companion, item);
	changes[kind](fact, action);
	fact.undoes = action.id;
	// Who comes to a part of the programme has come to the meeting; who leaves the meeting has left its parts.
	if (item && kind === "arrive") arrive(factOf(person, companion), action);
	if (!item && kind === "leave") for (const part of person.items) if (part.companion_id === companion && isInside(part)) part.left_at = action.at;
}

// Takes back what the server knew as done last. What is undone before it was sent never happened here.
function takeBack(person, undone) {
	for (const fact of [person, ...person.companions, ...person.items]) {
		if (fact.undoes !== undone) continue;
		if (fact.left_at) fact.left_at = null;
		else Object.assign(fact, { state: null, arrived_at: null });
		fact.undoes = null;
	}
}

function walkedIn(action) {
	const { name, organisation = null } = action.person;
	return { person_id: action.id, invitation_id: null, name, sort_name: name, position: null, organisation, response: null, mode: null, companions: [], items: [], note: null, ticket_key: null, code_key: null, listed: true, ...nothing() };
}

// The list as people should see it. `aliases`: which person a walk-in of this device became on the server.
export function overlay(people, actions, aliases = {}) {
	const seen = new Map(people.map((person) => [person.person_id, person])), mine = new Map();
	const waiting = [...actions].sort((one, other) => Date.parse(one.at) - Date.parse(other.at));
	const undone = new Set(waiting.filter((action) => action.kind === "undo").map((action) => action.undoes));
	const known = new Set(waiting.map((action) => action.id));
	for (const action of waiting) {
		const id = action.kind === "walk_in" ? action.id : (aliases[action.person_id] ?? action.person_id);
		if (undone.has(action.id)) continue;
		if (!mine.has(id)) {
			if (action.kind === "walk_in") mine.set(id, walkedIn(action));
			else if (seen.has(id)) mine.set(id, structuredClone(seen.get(id)));
			else continue; // a ticket that only the server can tell
			mine.get(id).waiting = true;
		}
		if (action.kind !== "undo") act(mine.get(id), action);
		else if (!known.has(action.undoes)) takeBack(mine.get(id), action.undoes);
	}
	for (const [id, person] of mine) seen.set(id, person);
	return [...seen.values()].filter((person) => person.listed && (person.response || person.state || person.note));
}

// Heads, companions among them: the same as the database's door_counts().
export function countHeads(people, item = null) {
	const counts = { expected: 0, here: 0, inside: 0, remote: 0, left: 0, missing: 0, walk_ins: 0, companions: 0 };
	const count = (fact, person, along) => {
		const expected = person.response === "accepted", came = isHere(fact);
		counts.expected += expected;
		counts.here += came;
		counts.inside += fact.state === "present" && !fact.left_at;
		counts.remote += fact.state === "remote" && !fact.left_at;
		counts.left += Boolean(fact.left_at);
		counts.missing += expected && !fact.state;
		counts.walk_ins += came && !along && !person.response;
		counts.companions += came && along;
	};
	for (const person of people) {
		count(factOf(person, null, item), person, false);
		for (const companion of person.companions) count(factOf(person, companion.id, item), person, true);
	}
	return counts;
}
