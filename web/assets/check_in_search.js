// check_in_search.js: finds people by a few letters, whatever diacritics and capitals are typed. The same as the database's fold().
const marks = /[\u0300-\u036f]/g;
const plain = { ł: "l", ø: "o", đ: "d", ħ: "h", ı: "i", ŧ: "t", ß: "ss", æ: "ae", œ: "oe" };

export function fold(text) {
	return text.toLowerCase().normalize("NFKD").replace(marks, "").replace(/[łøđħıŧßæœ]/g, (letter) => plain[letter]);
}

// A test of a person: each word that was typed stands somewhere in the name or the organisation.
export function finder(typed) {
	const words = fold(typed).split(/\s+/).filter(Boolean);
	return (person) => {
		const text = fold(`${person.name} ${person.organisation ?? ""}`);
		return words.every((word) => text.includes(word));
	};
}

// Who is not awaited comes last.
export function inOrder(language) {
	const collator = new Intl.Collator(language);
	const late = (person) => Number(["declined", "delegated"].includes(person.response));
	return (one, other) => late(one) - late(other) || collator.compare(one.sort_name, other.sort_name) || (one.person_id < other.person_id ? -1 : 1);
}
