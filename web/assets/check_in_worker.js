// check_in_worker.js: the service worker of one meeting's check-in page: opens that page without network, from what check_in_offline.js keeps. It keeps nothing itself,
// and leaves every other address alone.
"use strict";
const patience = 5000;

self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));

const slow = () => new Promise((resolve) => setTimeout(resolve, patience, null));

// The server's page; the kept one if there is no network, or so little that nobody would wait, or a gateway without its server.
async function openPage(request, path) {
	const fresh = fetch(request).catch(() => null);
	const kept = await caches.match(path);
	const response = kept ? await Promise.race([fresh, slow()]) : await fresh;
	if (response && ![502, 503, 504].includes(response.status)) return response;
	return kept ?? response ?? Response.error();
}

async function openAsset(request) {
	return (await caches.match(request)) ?? fetch(request);
}

self.addEventListener("fetch", (event) => {
	const { request } = event, url = new URL(request.url), path = new URL(self.registration.scope).pathname;
	if (request.method !== "GET" || url.origin !== self.location.origin) return;
	if (request.mode === "navigate" && url.pathname === path) event.respondWith(openPage(request, path));
	else if (url.pathname.startsWith("/assets/")) event.respondWith(openAsset(request));
});
