// check_in_sync.js: brings what was done here to the server, and what others did to here, whenever there is network.
//
// Sending twice does no harm, since each action has an id of its own; a lock that all tabs share keeps it rare. An action leaves this device only in the same
// transaction that keeps the list with its effect.
const batch = 200, patience = 20000, retry = 15000;

// What was answered, or null: no network, or a server that is not able to answer now.
async function ask(address, body) {
	const options = { headers: { Accept: "application/json" }, cache: "no-store", signal: AbortSignal.timeout(patience) };
	if (body) Object.assign(options, { method: "POST", body: JSON.stringify(body), headers: { ...options.headers, "Content-Type": "application/json" } });
	let response;
	try {
		response = await fetch(address, options);
		if (response.status >= 500 || response.status === 429 || response.status === 408) return null;
		return { status: response.status, body: await response.json() };
	} catch {
		return null;
	}
}

class Stopped extends Error {
	constructor(status) {
		super("stopped");
		this.status = status; // 0: no network
	}
}

async function expect(address, body) {
	const answer = await ask(address, body);
	if (!answer) throw new Stopped(0);
	if (answer.status !== 200) throw Object.assign(new Stopped(answer.status), { body: answer.body });
	return answer.body;
}

// What became of each. If all are refused for the sake of one, that one is found by halves.
async function send(address, device, actions) {
	try {
		const answer = await expect(address, { device, sent_at: new Date().toISOString(), actions });
		return { cursor: answer.cursor, results: answer.results.map((result, i) => ({ ...result, action: actions[i] })) };
	} catch (problem) {
		if (![400, 413, 422].includes(problem.status)) throw problem;
		if (actions.length === 1) return { cursor: null, results: [{ id: actions[0].id, outcome: "refused", code: problem.body?.code ?? "invalid", detail: problem.body?.detail, action: actions[0] }] };
		const middle = Math.ceil(actions.length / 2);
		const first = await send(address, device, actions.slice(0, middle)), second = await send(address, device, actions.slice(middle));
		return { cursor: first.cursor ?? second.cursor, results: [...first.results, ...second.results] };
	}
}

async function readList(address, since) {
	const people = [];
	const start = new URL(address, location.href);
	start.searchParams.set("limit", "200");
	if (since) start.searchParams.set("since", since);
	for (let next = start.href; next; ) {
		const page = await expect(next);
		people.push(...page.items);
		next = page.next && new URL(page.next, location.href).pathname + new URL(page.next, location.href).search;
	}
	return people;
}

async function exchange(addresses, store) {
	const { about, actions } = await store.read();
	const waiting = actions.filter((one) => !one.refused).map((one) => one.action);
	const results = [];
	let cursor = null;
	// Walk-ins come before what else is about them.
	waiting.sort((one, other) => Date.parse(one.at) - Date.parse(other.at));
	for (let i = 0; i < waiting.length; i += batch) {
		const sent = await send(addresses.actions, about.device, waiting.slice(i, i + batch));
		results.push(...sent.results);
		cursor ??= sent.cursor;
	}
	// The cursor comes first: what happens while the list is read is told again the next time.
	cursor ??= (await expect(addresses.counts)).cursor;
	const people = await readList(addresses.roster, about.cursor);
	const aliases = { ...about.aliases };
	for (const { action, person_id } of results) if (action.kind === "walk_in" && person_id) aliases[action.id] = person_id;
	await store.settle({ about: { ...about, cursor, aliases, synced_at: new Date().toISOString() }, people, all: !about.cursor, results });
	return results;
}

// `told({state, results})` is called after each attempt: state is synced, offline or lost (with the status), and when another tab did something.
export function startSync(addresses, store, meeting, told) {
	const channel = new BroadcastChannel(`narada-check-in-${meeting}`);
	let running = null, again = false, state = "synced", events = null;
	const locked = (work) => (navigator.locks ? navigator.locks.request(`narada-check-in-${meeting}`, work) : work());

	async function once() {
		try {
			const results = await locked(() => exchange(addresses, store));
			state = "synced";
			channel.postMessage("changed");
			await told({ state, results });
		} catch (problem) {
			if (!(problem instanceof Stopped)) throw problem;
			state = problem.status === 0 ? "offline" : "lost";
			if ([401, 403, 404].includes(problem.status)) await store.forgetPeople(problem.status === 401);
			await told({ state, status: problem.status, results: [] });
		}
	}

	function run() {
		if (running) {
			again = true;
			return running;
		}
		running = (async () => {
			do {
				again = false;
				await once();
			} while (again && state === "synced");
			running = null;
			listen();
		})();
		return running;
	}

	// A change anywhere is heard at once. The browser asks again by itself when the connection breaks, but not after a refusal.
	function listen() {
		if (state === "lost") return events?.close();
		if (events && events.readyState !== EventSource.CLOSED) return;
		if (state !== "synced") return;
		events = new EventSource(addresses.events);
		events.addEventListener("change", run);
		// What happened while it was away was not told.
		events.addEventListener("open", run);
	}

	channel.addEventListener("message", () => told({ state, results: [] }));
	addEventListener("online", run);
	document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && run());
	// Without events, or without network, one asks now and then.
	setInterval(() => {
		if (state === "offline" || !events || events.readyState !== EventSource.OPEN) run();
	}, retry);
	return { run, queued: () => channel.postMessage("changed") };
}
