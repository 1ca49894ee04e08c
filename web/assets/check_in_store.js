// check_in_store.js: what this device keeps of a meeting, in IndexedDB: the list of people, what was done and not sent yet, and how far it has heard.
//
// The list is wiped when its meeting is some days past, or when the server says that its reader has no business with it any more. What was not sent stays.
const keptDays = 3;

const whole = (request) => new Promise((resolve, reject) => {
	request.onsuccess = () => resolve(request.result);
	request.onerror = () => reject(request.error);
});
const done = (transaction) => new Promise((resolve, reject) => {
	transaction.oncomplete = () => resolve();
	transaction.onabort = transaction.onerror = () => reject(transaction.error);
});

async function openDatabase() {
	const request = indexedDB.open("narada-check-in", 1);
	request.onupgradeneeded = () => {
		request.result.createObjectStore("meetings", { keyPath: "id" });
		request.result.createObjectStore("people", { keyPath: ["meeting", "person_id"] });
		request.result.createObjectStore("actions", { keyPath: ["meeting", "id"] });
	};
	const database = await whole(request);
	database.onversionchange = () => database.close();
	return database;
}

const allOf = (meeting) => IDBKeyRange.bound([meeting], [meeting, []]);
const blank = (id) => ({ id, cursor: null, synced_at: null, aliases: {}, device: crypto.randomUUID(), keep_until: null });

export async function openStore(meeting, endsAt) {
	const database = await openDatabase();
	await forget(database, (about) => about.cursor && about.keep_until < Date.now());
	const write = (...names) => database.transaction(names, "readwrite");

	return {
		async read() {
			const transaction = database.transaction(["meetings", "people", "actions"]);
			const [about, people, actions] = await Promise.all([
				whole(transaction.objectStore("meetings").get(meeting)),
				whole(transaction.objectStore("people").getAll(allOf(meeting))),
				whole(transaction.objectStore("actions").getAll(allOf(meeting))),
			]);
			return { about: about ?? blank(meeting), people, actions };
		},

		// An action is safe once this is done; the caller says so to nobody before.
		async addAction(action) {
			const transaction = write("actions");
			transaction.objectStore("actions").put({ meeting, id: action.id, action, refused: null });
			await done(transaction);
		},

		async dropAction(id) {
			const transaction = write("actions");
			transaction.objectStore("actions").delete([meeting, id]);
			await done(transaction);
		},

		// What was heard, how far, and what became of what was sent: together, so that no moment shows one without the other. `all`: it is the whole list.
		async settle({ about, people, all, results }) {
			const transaction = write("meetings", "people", "actions");
			const list = transaction.objectStore("people"), actions = transaction.objectStore("actions");
			if (all) list.delete(allOf(meeting));
			for (const person of people) {
				if (person.listed) list.put({ meeting, ...person });
				else list.delete([meeting, person.person_id]);
			}
			for (const { id, outcome, code = null, detail = null, action } of results) {
				if (outcome === "refused") actions.put({ meeting, id, action, refused: { code, detail } });
				else actions.delete([meeting, id]);
			}
			transaction.objectStore("meetings").put({ ...about, keep_until: Date.parse(endsAt) + keptDays * 86400000 });
			await done(transaction);
		},

		// The list of this meeting, or of all: whose session has ended sees none.
		forgetPeople: (all) => forget(database, (about) => all || about.id === meeting),
	};
}

async function forget(database, which) {
	const transaction = database.transaction(["meetings", "people"], "readwrite");
	const meetings = transaction.objectStore("meetings");
	for (const about of await whole(meetings.getAll())) {
		if (!which(about)) continue;
		transaction.objectStore("people").delete(allOf(about.id));
		meetings.put({ ...about, cursor: null });
	}
	await done(transaction);
}
