// check_in_camera.js: reads QR codes with the device's camera, by the browser's own detector or, where there is none, by the one in web/vendor.
const pause = 120, widest = 800;

async function detector() {
	if (window.BarcodeDetector) {
		const formats = await window.BarcodeDetector.getSupportedFormats().catch(() => []);
		if (formats.includes("qr_code")) return new window.BarcodeDetector({ formats: ["qr_code"] });
	}
	const { BarcodeDetector } = await import("./qr-decode.js");
	return new BarcodeDetector({ formats: ["qr_code"] });
}

export const hasCamera = () => Boolean(navigator.mediaDevices?.getUserMedia);

// Calls `found(text)` for each code it sees, until stop(). Refused by the browser or its owner: the promise fails.
export async function startCamera(video, found) {
	const stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment" }, audio: false });
	const reader = await detector();
	const canvas = document.createElement("canvas"), picture = canvas.getContext("2d", { willReadFrequently: true });
	let going = true;
	video.srcObject = stream;
	await video.play();

	async function look() {
		if (!going) return;
		if (video.videoWidth > 0) {
			const scale = Math.min(1, widest / video.videoWidth);
			canvas.width = video.videoWidth * scale;
			canvas.height = video.videoHeight * scale;
			picture.drawImage(video, 0, 0, canvas.width, canvas.height);
			const codes = await reader.detect(canvas).catch(() => []);
			for (const code of codes) if (going) await found(code.rawValue);
		}
		setTimeout(look, pause);
	}
	look();
	return {
		stop() {
			going = false;
			for (const track of stream.getTracks()) track.stop();
			video.srcObject = null;
		},
	};
}
