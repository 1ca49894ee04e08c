// check_in_offline.js: has the page itself at hand without network: its frame without people, and what it is made of.
const policy = "Content-Security-Policy";

// The page as it is kept: nobody's name or number in it but its reader's own.
function emptied(text) {
	const page = new DOMParser().parseFromString(text, "text/html");
	page.querySelector("#door-list").replaceChildren();
	for (const count of page.querySelectorAll("#door-counts [data-count]")) count.textContent = "–";
	for (const element of page.querySelectorAll("main .notice, main .empty")) element.remove();
	return `<!doctype html>\n${page.documentElement.outerHTML}`;
}

async function keepPage(path) {
	const response = await fetch(path, { headers: { Accept: "text/html" }, cache: "no-store" });
	if (!response.ok || response.redirected) return;
	const text = emptied(await response.text());
	const assets = [...new Set(text.match(/\/assets\/[\w-]+\/[\w.-]+/g))];
	const kept = await caches.open(`narada-check-in${path}`);
	await kept.addAll(assets);
	// The policy comes along: a kept page may do no more than a fresh one.
	await kept.put(path, new Response(text, { headers: { "Content-Type": "text/html; charset=utf-8", [policy]: response.headers.get(policy) } }));
	const wanted = new Set([...assets, path]);
	for (const request of await kept.keys()) if (!wanted.has(new URL(request.url).pathname)) await kept.delete(request);
}

export async function workOffline() {
	if (!navigator.serviceWorker || !window.caches) return false;
	const path = location.pathname;
	await navigator.serviceWorker.register("/check-in-worker.js", { scope: path, updateViaCache: "none" });
	await keepPage(path);
	await navigator.serviceWorker.ready;
	navigator.storage?.persist?.();
	return true;
}
