// check_in_ticket.js: what a scanner read, and whose ticket that is.

// A ticket is the address …/t/<platform>/<token>; some scanners are set to give its last part alone.
export function ticketOf(text) {
	const address = text.trim().match(/\/t\/[^/\s]+\/([\w.-]{20,200})\/?$/);
	return address?.[1] ?? text.trim().match(/^[\w.-]{40,200}$/)?.[0] ?? null;
}

// The code that stands below it, for fingers: eight of 0–9 and a–f, however it is grouped.
export function codeOf(text) {
	const code = text.trim().toLowerCase().replace(/[\s-]/g, "");
	return /^[0-9a-f]{8}$/.test(code) ? code : null;
}

// The roster knows tickets by this, so that no list on a device has what a ticket says.
export async function ticketKey(token) {
	const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(token));
	return [...new Uint8Array(digest)].slice(0, 8).map((byte) => byte.toString(16).padStart(2, "0")).join("");
}
