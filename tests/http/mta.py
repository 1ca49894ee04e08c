"""mta.py: Debian's Postfix with a configuration of its own, on a loopback port; nothing of it is the machine's.

    with Postfix(place, transport={"zolw.example": "smtp:[127.0.0.1]:2525"}, pipes={"narada.example": ["narada", "mail-in", …]}) as mta:
        mta.url

Mails to a domain of `pipes` are given to a command, which runs as `postgres`; to `local`, to users of this machine.
"""

import os
import pathlib
import signal
import smtplib
import subprocess

from mailbox import free_port, until

# Only root may start Postfix: it changes users.
AS_ROOT = [] if os.getuid() == 0 else ["sudo", "-n"]
PROGRAMS = pathlib.Path("/usr/lib/postfix/sbin")

MAIN = """
compatibility_level = 3.6
queue_directory = {place}/queue
data_directory = {place}/lib
command_directory = /usr/sbin
daemon_directory = {programs}
mail_owner = postfix
setgid_group = postdrop
maillog_file = {place}/log
maillog_file_prefixes = {place}
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
mynetworks = 127.0.0.0/8
myhostname = mta.example
mydomain = mta.example
mydestination = {local}
relay_domains = {relayed}
relayhost =
transport_maps = inline:{{ {transport} }}
local_recipient_maps =
smtpd_reject_unlisted_recipient = no
smtpd_relay_restrictions = permit_mynetworks, reject
alias_maps =
alias_database =
recipient_delimiter = +
minimal_backoff_time = 1s
queue_run_delay = 1s
smtp_tls_security_level = none
"""

MASTER = """
127.0.0.1:{port} inet n - n - - smtpd
pickup unix n - n 60 1 pickup
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
tlsmgr unix - - n 1000? 1 tlsmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
verify unix - - n - 1 verify
flush unix n - n 1000? 0 flush
proxymap unix - - n - - proxymap
smtp unix - - n - - smtp
relay unix - - n - - smtp
showq unix n - n - - showq
error unix - - n - - error
retry unix - - n - - error
discard unix - - n - - discard
local unix - n n - - local
anvil unix - - n - 1 anvil
scache unix - - n - 1 scache
postlog unix-dgram n - n - 1 postlogd
"""


class Postfix:
    def __init__(self, place, transport, pipes, local):
        self.place, self.port = pathlib.Path(place), free_port()
        for name in ("config", "queue", "lib"):
            (self.place / name).mkdir(parents=True)
        self.place.chmod(0o755)
        subprocess.run([*AS_ROOT, "chown", "postfix", self.place / "lib"], check=True)
        subprocess.run([*AS_ROOT, "chown", "root", self.place / "queue", self.place / "config"], check=True)
        routes = {**transport, **{domain: f"pipe{number}:" for number, domain in enumerate(pipes)}}
        services = "".join(f"pipe{number} unix - n n - 4 pipe\n  flags=q user=postgres argv={' '.join(map(str, command))}\n" for number, command in enumerate(pipes.values()))
        values = {"place": self.place, "programs": PROGRAMS, "port": self.port, "local": local, "relayed": " ".join(routes),
                  "transport": ", ".join(f"{{ {domain} = {route} }}" for domain, route in routes.items())}  # fmt: skip
        self.write("main.cf", MAIN.format(**values))
        self.write("master.cf", MASTER.format(**values) + services)

    def write(self, name, text):
        subprocess.run([*AS_ROOT, "tee", self.place / "config" / name], input=text.encode(), stdout=subprocess.DEVNULL, check=True)

    @property
    def url(self):
        return f"smtp://127.0.0.1:{self.port}"

    def log(self):
        return subprocess.run([*AS_ROOT, "cat", self.place / "log"], capture_output=True).stdout.decode(errors="replace")

    def __enter__(self):
        self.output = open(self.place / "output", "wb")
        self.process = subprocess.Popen([*AS_ROOT, "postfix", "-c", self.place / "config", "start-fg"], stdout=self.output, stderr=self.output, stdin=subprocess.DEVNULL)
        until(self.answers, 60)
        return self

    def answers(self):
        assert self.process.poll() is None, (self.place / "output").read_text() + self.log()
        try:
            with smtplib.SMTP("127.0.0.1", self.port, timeout=5):
                return True
        except OSError:
            return False

    def __exit__(self, *failure):
        subprocess.run([*AS_ROOT, "postfix", "-c", self.place / "config", "stop"], stdout=self.output, stderr=self.output)
        try:
            self.process.wait(30)
        except subprocess.TimeoutExpired:
            self.process.send_signal(signal.SIGKILL)
            self.process.wait()
        self.output.close()
        subprocess.run([*AS_ROOT, "rm", "-rf", self.place], check=True)

    def post(self, sender, recipient, content):
        with smtplib.SMTP("127.0.0.1", self.port, timeout=30) as session:
            session.sendmail(sender, [recipient], content)
