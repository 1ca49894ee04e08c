"""door.py: the check-in page as those at the entrance use it: waits for what its script does, and reads what is shown."""

import contextlib

from selenium.common.exceptions import NoSuchElementException, WebDriverException
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.ui import WebDriverWait

from test_every_page import as_owner


def sign_in(browser, organiser):
    name, value = organiser.cookie.split("=", 1)
    as_owner(browser, {name: value})


def until(browser, happened, seconds=40):
    """Waits until the page, which changes under its reader, is so; gives what was found."""
    return WebDriverWait(browser.driver, seconds, poll_frequency=0.05, ignored_exceptions=[WebDriverException, AssertionError]).until(lambda driver: happened())


class Door:
    def __init__(self, browser, path):
        self.browser, self.path = browser, path

    def open(self, offline_ready=True):
        """Opens the page and waits until its script has the list and, if wanted, the page is kept for a time without network."""
        self.browser.go(self.path)
        self.ready()
        if offline_ready:
            until(self.browser, lambda: self.browser.find("#door").get_attribute("data-offline") == "true")
        return self

    def ready(self):
        until(self.browser, lambda: self.browser.all(".door-sync[data-state]"))
        until(self.browser, lambda: self.state() != "synced" or "synchroni" in self.sync().lower())

    def reload(self):
        """As somebody does who thinks that it helps; a question whether to leave is answered yes."""
        with contextlib.suppress(WebDriverException):
            self.browser.driver.refresh()
        self.browser.leave_alert(accept=True)
        self.ready()

    def state(self):
        return self.browser.find(".door-sync").get_attribute("data-state")

    def waiting(self):
        return int(self.browser.find(".door-sync").get_attribute("data-waiting"))

    def sync(self):
        return self.browser.find(".door-sync [data-slot=sync]").text

    def sent(self):
        """Waits until all that was done here is at the server."""
        self.browser.find("[data-do=sync]").click()
        until(self.browser, lambda: self.state() == "synced" and self.waiting() == 0)

    def said(self, words):
        until(self.browser, lambda: words in self.browser.find("#door-status").text)

    def names(self):
        return [element.text for element in self.browser.all("#door-list > li > .who > strong")]

    def search(self, text):
        field = self.browser.find("#q")
        field.clear()
        field.send_keys(text)

    def row(self, name):
        for element in self.browser.all("#door-list > li"):
            if element.find_element("css selector", ".who > strong").text == name:
                return element
        # `until` waits for it; whoever does not wait is told.
        raise NoSuchElementException(f"{name} is not on the list: {self.names()}")

    def along(self, host, name):
        for element in self.row(host).find_elements("css selector", ".along > li"):
            if element.find_element("css selector", "[data-slot=name]").text == name:
                return element
        raise NoSuchElementException(f"{name} does not come along with {host}")

    def tap(self, where, act):
        where.find_element("css selector", f":scope > .actions > button[data-act={act}]").click()

    def arrive(self, name):
        self.tap(self.row(name), "arrive")
        self.is_now(name, "present")

    def undo(self, name):
        self.tap(self.row(name), "undo")
        self.is_now(name, "")

    def is_now(self, name, state, inside=None):
        until(self.browser, lambda: self.row(name).get_attribute("data-state") == state)
        if inside is not None:
            until(self.browser, lambda: self.row(name).get_attribute("data-inside") == str(inside).lower())

    def walk_in(self, name, organisation=""):
        if not self.browser.find("#walk-in").is_displayed():
            self.browser.find("details.reveal > summary").click()
        form = self.browser.find("#walk-in")
        form.find_element("name", "person.name").send_keys(name)
        form.find_element("name", "person.organisation").send_keys(organisation + Keys.ENTER)
        until(self.browser, lambda: self.row(name))

    def count(self, what):
        return int(self.browser.find(f"#door-counts [data-count={what}]").text)

    def counts(self):
        return {element.get_attribute("data-count"): int(element.text) for element in self.browser.all("#door-counts [data-count]")}


def counted(tenant, meeting):
    """The server's own counts."""
    return tenant.assistant.get(f"meetings/{meeting['slug']}/check-in").json()
