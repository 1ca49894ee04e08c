"""browser.py: one headless Chromium, driven as a reader, an invitee or an organiser would use it.

Language, width, colour scheme, JavaScript and printing are set by the DevTools protocol, so that a single Chromium serves every test;
`reset()` between tests forgets cookies and goes back to a Polish reader at a desk.
"""

import base64
import contextlib
import pathlib
import subprocess

from selenium import webdriver
from selenium.common.exceptions import WebDriverException
from selenium.webdriver.chrome.options import Options
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.ui import Select, WebDriverWait

FLAGS = (
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--no-default-browser-check",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-default-apps",
    "--disable-extensions",
    "--disable-sync",
    "--hide-scrollbars",
    "--lang=pl",
)
OVERFLOW = "return document.documentElement.scrollWidth - document.documentElement.clientWidth"
# Who stands out of the page's right edge, to be named in a failure; what scrolls inside its own box is meant to.
CULPRITS = """
return [...document.querySelectorAll("body *")]
    .filter((e) => e.getBoundingClientRect().right > document.documentElement.clientWidth + 1)
    .map((e) => e.tagName.toLowerCase() + "." + e.className).slice(0, 5)
"""


def is_gone(element):
    try:
        element.is_enabled()
    except WebDriverException:
        return True
    return False


class Browser:
    def __init__(self, place, base_url, flags=()):
        self.base_url, self.downloads = base_url, pathlib.Path(place) / "downloads"
        self.downloads.mkdir()
        options = Options()
        options.binary_location = "/usr/bin/chromium"
        options.page_load_strategy = "normal"
        for flag in (*FLAGS, *flags, f"--user-data-dir={place}/profile"):
            options.add_argument(flag)
        options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
        options.add_experimental_option("prefs", {"download.default_directory": str(self.downloads), "download.prompt_for_download": False})
        self.driver = webdriver.Chrome(service=Service("/usr/bin/chromedriver"), options=options)
        self.driver.set_page_load_timeout(60)
        self.cdp("Page.setDownloadBehavior", behavior="allow", downloadPath=str(self.downloads))
        self.agent = self.driver.execute_script("return navigator.userAgent")

    def cdp(self, command, **parameters):
        return self.driver.execute_cdp_cmd(command, parameters)

    def close(self):
        self.driver.quit()

    # ── Who reads, and how ──

    def reset(self):
        self.leave_alert()
        self.cdp("Network.clearBrowserCookies")
        self.script(True)
        self.speak("pl")
        self.resize(1280)
        self.scheme("light")
        self.complaints()

    def speak(self, language):
        self.cdp("Network.setUserAgentOverride", userAgent=self.agent, acceptLanguage=language)

    def resize(self, width, height=900):
        self.cdp("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=False)

    def scheme(self, name):
        # Without motion a colour is what it will be at once, and can be measured.
        wanted = {"prefers-color-scheme": name, "prefers-reduced-motion": "reduce"}
        self.cdp("Emulation.setEmulatedMedia", features=[{"name": key, "value": value} for key, value in wanted.items()])

    def script(self, on):
        self.cdp("Emulation.setScriptExecutionDisabled", value=not on)

    # ── Going and looking ──

    def url(self, path):
        return path if path.startswith("http") else self.base_url + path

    def go(self, path):
        self.driver.get(self.url(path))

    @property
    def path(self):
        return self.driver.current_url.removeprefix(self.base_url)

    @property
    def text(self):
        return self.find("body").text

    @property
    def main(self):
        return self.find("main").text

    @property
    def language(self):
        return self.find("html").get_attribute("lang")

    def find(self, css):
        return self.driver.find_element(By.CSS_SELECTOR, css)

    def all(self, css):
        return self.driver.find_elements(By.CSS_SELECTOR, css)

    def run(self, script, *arguments):
        return self.driver.execute_script(script, *arguments)

    def overflow(self):
        """How many pixels the page is wider than its window, and what sticks out."""
        return self.run(OVERFLOW), self.run(CULPRITS)

    def complaints(self):
        """What the console said since the last time: blocked by CSP, not found, broken scripts."""
        return [entry["message"] for entry in self.driver.get_log("browser") if entry["level"] == "SEVERE"]

    # ── Doing ──

    @contextlib.contextmanager
    def leaving(self):
        """Around what leads to another page: waits until that page is there."""
        old = self.find("html")
        yield
        self.leave_alert(accept=True)
        # Between two documents chromedriver answers with errors of several kinds; all of them say that the old one is gone, or not yet complete.
        wait = WebDriverWait(self.driver, 30, poll_frequency=0.02, ignored_exceptions=[WebDriverException])
        wait.until(lambda driver: is_gone(old))
        wait.until(lambda driver: driver.execute_script("return document.readyState") == "complete")

    def click(self, css):
        with self.leaving():
            self.find(css).click()

    def follow(self, words, within="body"):
        with self.leaving():
            self.find(within).find_element(By.PARTIAL_LINK_TEXT, words).click()

    def back(self):
        with self.leaving():
            self.driver.back()

    def press(self, words, within="main"):
        """The button that says so; a confirmation it asks for is given."""
        for button in self.all(f"{within} button, {within} a.button"):
            if words in button.text and button.is_displayed():
                with self.leaving():
                    button.click()
                return
        raise AssertionError(f"No button says “{words}” on {self.path}: {[b.text for b in self.all(within + ' button')]}")

    def open(self, words):
        """Unfolds the part of the page with that summary."""
        for summary in self.all("summary"):
            if words in summary.text:
                if summary.find_element(By.XPATH, "..").get_attribute("open") is None:
                    summary.click()
                return
        raise AssertionError(f"Nothing to unfold says “{words}” on {self.path}")

    def fill(self, operation, **fields):
        """The fields of that operation's form: fill("create_meeting", title="…"); `person__name` is the field person.name."""
        for name, value in fields.items():
            element = self.driver.find_element(By.ID, f"{operation}-{name.replace('__', '-')}")
            if element.tag_name == "select":
                Select(element).select_by_visible_text(value)
            elif element.get_attribute("type") in ("date", "datetime-local"):
                self.run("arguments[0].value = arguments[1]", element, value)  # which keys to press depends on the browser's locale
            else:
                element.clear()
                element.send_keys(value)

    def value(self, operation, name):
        return self.driver.find_element(By.ID, f"{operation}-{name}").get_attribute("value")

    def error(self, operation, name):
        """What is said beside that field, or nothing."""
        return "".join(element.text for element in self.driver.find_elements(By.ID, f"{operation}-{name}-error"))

    def keys(self, *keys):
        webdriver.ActionChains(self.driver).send_keys(*keys).perform()

    def tab_to(self, wanted, at_most=60):
        """Presses Tab until `wanted` (a test of the focused element) holds."""
        for _ in range(at_most):
            self.keys(Keys.TAB)
            focused = self.driver.switch_to.active_element
            if wanted(focused):
                return focused
        raise AssertionError(f"Tab does not reach it in {at_most} steps on {self.path}")

    def leave_alert(self, accept=False):
        with contextlib.suppress(Exception):
            alert = self.driver.switch_to.alert
            alert.accept() if accept else alert.dismiss()

    # ── Paper ──

    def printed(self, place):
        """The page on A4 paper, as (number of pages, its text)."""
        pdf = pathlib.Path(place) / "page.pdf"
        pdf.write_bytes(base64.b64decode(self.cdp("Page.printToPDF", paperWidth=8.27, paperHeight=11.69, printBackground=False)["data"]))
        information = subprocess.run(["pdfinfo", pdf], capture_output=True, text=True, check=True).stdout
        text = subprocess.run(["pdftotext", "-layout", pdf, "-"], capture_output=True, text=True, check=True).stdout
        pages = next(int(line.split()[1]) for line in information.splitlines() if line.startswith("Pages:"))
        return pages, text
