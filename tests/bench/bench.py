#!/usr/bin/python3
"""bench.py: how fast narada is, as ratios against other programs that do the same work in the same run.

    tests/bench/bench.py [ROW …]      rows: look-up answer public-page invite list csv xlsx register export-latency memory start (all)

It makes a database cluster of its own (durable, as everyone's), starts the release build on it, and prints a line per row.
Needs the packages of packages/bench.txt. Everything is on loopback and in a temporary directory. Nothing here fails for being slow: figures are for people.
"""
import argparse
import contextlib
import datetime
import http.client
import json
import os
import pathlib
import pwd
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request

TOP = pathlib.Path(__file__).resolve().parents[2]
POSTGRES = pathlib.Path('/usr/lib/postgresql/15/bin')
INVITEES = 10_000
ATTENDEES = 100_000
CLIENTS = 64
SMTP_CONNECTIONS = 8
SECONDS = 10
MEETING = 'bench'
# An invitation's id ends in its number, so that pgbench can make one up as wrk picks a link.
ID_PREFIX = '00000000-0000-7000-8000-'
FIRST = 100_000_000_000


def run(*command, **more):
    return subprocess.run([str(part) for part in command], check=True, text=True, capture_output=True, **more).stdout


def as_postgres():
    """PostgreSQL refuses to run as root."""
    return {'user': 'postgres', 'group': 'postgres', 'extra_groups': []} if os.getuid() == 0 else {}


def free_port():
    with socket.socket() as probe:
        probe.bind(('127.0.0.1', 0))
        return probe.getsockname()[1]


def wrk(*arguments):
    out = run('wrk', '-t', 1, '-c', CLIENTS, '-d', f'{SECONDS}s', '--latency', *arguments)
    failures = re.search(r'Non-2xx or 3xx responses: (\d+)|Socket errors: (.*)', out)
    if failures:
        sys.exit(f'wrk had failures:\n{out}')
    return float(re.search(r'Requests/sec:\s+([\d.]+)', out).group(1)), re.search(r'50%\s+(\S+)', out).group(1), re.search(r'99%\s+(\S+)', out).group(1)


@contextlib.contextmanager
def nginx(place, page):
    """Serves the bytes of a page as a file, by as many workers as narada has loops; gives its address."""
    files = place / 'nginx'
    files.mkdir()
    (files / 'page.html').write_bytes(page)
    port = free_port()
    (files / 'nginx.conf').write_text(f"""
        daemon off; worker_processes auto; pid {files}/pid; error_log {files}/log;
        events {{ worker_connections 1024; }}
        http {{
            access_log off; keepalive_requests 1000000000; open_file_cache max=10; default_type text/html;
            client_body_temp_path {files}/body; proxy_temp_path {files}/proxy; fastcgi_temp_path {files}/fastcgi; uwsgi_temp_path {files}/uwsgi; scgi_temp_path {files}/scgi;
            server {{ listen 127.0.0.1:{port} reuseport; root {files}; }}
        }}""")
    process = subprocess.Popen(['nginx', '-p', files, '-c', files / 'nginx.conf'], stderr=subprocess.DEVNULL)
    try:
        time.sleep(0.5)
        yield f'http://127.0.0.1:{port}/page.html'
    finally:
        process.terminate()
        process.wait(30)


@contextlib.contextmanager
def smtp_sink():
    """Takes every mail and forgets it; gives its port."""
    port = free_port()
    process = subprocess.Popen(['smtp-sink', *(['-u', 'nobody'] if os.getuid() == 0 else []), '-c', f'127.0.0.1:{port}', '1000'], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        time.sleep(0.5)
        yield port
    finally:
        process.terminate()
        process.wait(30)


class Cluster:
    def __init__(self, place):
        self.place, self.socket = place / 'cluster', place
        if os.getuid() == 0:
            os.chown(place, pwd.getpwnam('postgres').pw_uid, -1)
        run(POSTGRES / 'initdb', '-D', self.place, '-E', 'UTF8', '--locale-provider=icu', '--icu-locale=und', '--locale=C.UTF-8', '-A', 'trust', '-U', 'postgres', **as_postgres())
        options = f"-c listen_addresses= -c unix_socket_directories={self.socket} -c max_connections=200"
        run(POSTGRES / 'pg_ctl', '-D', self.place, '-l', self.place / 'log', '-o', options, '-w', 'start', **as_postgres())
        self.sql('create database narada', database='postgres')

    def url(self):
        return f'host={self.socket} user=postgres dbname=narada'

    def sql(self, text, database='narada'):
        return run('psql', '-h', self.socket, '-U', 'postgres', '-d', database, '-v', 'ON_ERROR_STOP=1', '-qAt', '-c', text)

    def pgbench(self, script, seconds=SECONDS):
        file = self.socket / 'script.sql'
        file.write_text(script)
        environment = {**os.environ, 'PGOPTIONS': '-c role=narada_service -c search_path=narada'}
        out = run(POSTGRES / 'pgbench', '-h', self.socket, '-U', 'postgres', '-n', '-M', 'prepared', '-c', CLIENTS, '-j', 1, '-T', seconds, '-f', file, 'narada', env=environment)
        if not re.search(r'number of failed transactions: 0 ', out):
            sys.exit(f'pgbench had failures:\n{out}')
        return float(re.search(r'^tps = ([\d.]+)', out, re.M).group(1))

    def stop(self):
        run(POSTGRES / 'pg_ctl', '-D', self.place, '-m', 'fast', 'stop', **as_postgres())


class Narada:
    def __init__(self, binary, cluster, data, *arguments, **environment):
        self.port = free_port()
        self.base = f'http://127.0.0.1:{self.port}'
        settings = {'NARADA_DATABASE_URL': cluster.url(), 'NARADA_PORT': str(self.port), 'NARADA_DATA': str(data), 'NARADA_ACCESS_LOG': 'off', 'NARADA_LOG_LEVEL': 'warning', **environment}
        self.log = data.parent / 'narada.log'
        began = time.perf_counter()
        self.process = subprocess.Popen([binary, 'serve', *arguments], env={**os.environ, **settings}, stdout=open(self.log, 'w'), stderr=subprocess.STDOUT)
        while not self.ready():
            if self.process.poll() is not None or time.perf_counter() - began > 60:
                sys.exit(f'narada did not start:\n{self.log.read_text()}')
            time.sleep(0.001)
        self.start_ms = (time.perf_counter() - began) * 1000

    def ready(self):
        try:
            with socket.create_connection(('127.0.0.1', self.port), 1) as one:
                one.sendall(b'GET /readyz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n')
                return one.recv(64).startswith(b'HTTP/1.1 200')
        except OSError:
            return False

    def call(self, method, path, token, body=None, accept='application/json'):
        headers = {'Authorization': f'Bearer {token}', 'Accept': accept, 'Content-Type': 'application/json'}
        request = urllib.request.Request(self.base + path if path.startswith('/') else path, method=method, headers=headers, data=json.dumps(body).encode() if body is not None else None)
        with urllib.request.urlopen(request, timeout=120) as answer:
            return json.loads(answer.read() or b'null')

    def resident_mb(self, field='VmRSS'):
        status = pathlib.Path(f'/proc/{self.process.pid}/status').read_text()
        return int(re.search(rf'{field}:\s+(\d+)', status).group(1)) / 1024

    def processor_seconds(self):
        fields = pathlib.Path(f'/proc/{self.process.pid}/stat').read_text().rpartition(')')[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf('SC_CLK_TCK')

    def wrk(self, script):
        file = self.log.parent / 'script.lua'
        file.write_text(script)
        return wrk('-s', file, self.base)

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(30)


def statement(statements, name):
    found = [row for row in statements if row['name'] == name]
    if not found:
        sys.exit(f'There is no statement {name}.')
    return found[0]


def filled(row, values):
    """A statement's text for pgbench: each parameter becomes what `values` says (pgbench's own :variables stay parameters)."""
    sql = row['sql'].rstrip().rstrip(';')
    for number in range(len(row['parameters']), 0, -1):
        name = row['parameters'][number - 1]
        sql = re.sub(rf'\${number}(?!\d)', lambda _: values[name], sql)
    return ' '.join(re.sub(r'--.*', '', sql).split()) + ';'


class Bench:
    def __init__(self, binary, cluster, place):
        self.binary, self.cluster, self.place, self.crowded = binary, cluster, place, False
        self.statements = json.loads(run('/usr/bin/python3', TOP / 'tools/compile_contract.py', '--statements', '/dev/stdout', cwd=TOP))
        self.narada = Narada(binary, cluster, place / 'data', '--demo')
        while not (place / 'data/demo.json').exists():  # written just after the service is ready
            time.sleep(0.05)
        self.demo = json.loads((place / 'data/demo.json').read_text())
        self.token, self.slug = self.demo['token'], self.demo['platform']
        self.fill()

    def fill(self):
        """A meeting with 10,000 invitees, and a group of as many for inviting."""
        meeting = self.narada.call('POST', f'/platforms/{self.slug}/meetings', self.token, {
            'title': 'Bench', 'slug': MEETING, 'starts_at': '2030-01-07T10:00:00Z', 'ends_at': '2030-01-07T12:00:00Z', 'time_zone': 'Europe/Warsaw', 'language': 'pl'})
        etag = f'"{meeting["version"]}"'
        request = urllib.request.Request(f'{self.narada.base}/platforms/{self.slug}/meetings/{MEETING}', method='PATCH', data=b'{"status": "published"}',
                                         headers={'Authorization': f'Bearer {self.token}', 'Content-Type': 'application/merge-patch+json', 'If-Match': etag})
        urllib.request.urlopen(request).close()
        self.cluster.sql(f"""
            set search_path = narada; set role narada_owner;
            select set_config('narada.platform_id', id::text, false) from platform where slug = '{self.slug}';
            insert into organisation (name) select 'Generated organisation ' || n from generate_series(1, 200) n;
            insert into person (name, email, position, organisation_id)
            select 'Generated Person ' || n, 'generated.' || n || '@example.org', 'position ' || n, o.id
              from generate_series(1, {INVITEES}) n join (select id, row_number() over () as k from organisation where name like 'Generated%') o on o.k = n % 200 + 1;
            insert into contact_group (name) values ('Generated group');
            insert into group_member (group_id, person_id) select g.id, p.id from contact_group g, person p where g.name = 'Generated group' and p.email like 'generated.%';
            insert into invitation (id, meeting_id, person_id)
            select ('{ID_PREFIX}' || ({FIRST} + row_number() over ()))::uuid, '{meeting['id']}', p.id from person p where p.email like 'generated.%';
        """)
        self.cluster.sql('vacuum analyze')
        links, path = [], f'/platforms/{self.slug}/meetings/{MEETING}/invitations?limit=200'
        while path:
            page = self.narada.call('GET', path, self.token)
            links += [re.sub(r'^https?://[^/]+', '', one['rsvp_url']) for one in page['items']]
            path = page['next']
        assert len(links) == INVITEES, len(links)
        (self.place / 'links.txt').write_text('\n'.join(links) + '\n')

    def lua(self, request):
        return f"""
            local links = {{}}
            for line in io.lines("{self.place}/links.txt") do links[#links + 1] = line end
            math.randomseed(1)
            request = function() local link = links[math.random(#links)]; {request} end
        """

    def transaction(self, *rows):
        values = {'platform': f"'{self.slug}'", 'invitation': f"('{ID_PREFIX}' || :n)::uuid", 'link_version': '1', 'request_id': "'bench'", 'token': 'null', 'language': 'null',
                  'response': ":'answer'", 'note': 'null', 'has_note': "'false'", 'clears_note': 'null', 'mode': 'null', 'has_response': "'true'", 'operation': "'answer_invitation'", 'path': "'/r/{platform}/{token}'",
                  'detail': 'null', 'request_path': "'/r'", 'if_match': 'null', 'body': 'null'}
        lines = [filled(row, values) for row in rows]
        return '\n'.join([f'\\set n random({FIRST + 1}, {FIRST + INVITEES})', '\\startpipeline', *lines, '\\endpipeline', ''])

    def operation(self, name, form):
        return [row for row in self.statements if row['operationId'] == name and (not row['when'] or form in row['when'])]

    def look_up(self):
        baseline = self.cluster.pgbench(self.transaction(statement(self.statements, 'enter_invitation'), *self.operation(RSVP_READ, 'json')))
        rate, half, most = self.narada.wrk(self.lua('return wrk.format("GET", link, {["Accept"] = "application/json"})'))
        return row('RSVP data (JSON) by token, 64 connections', rate, baseline, 'pgbench -M prepared, pipelined', '/s', 0.7, f'p50 {half}, p99 {most}')

    def answer(self):
        script = self.transaction(statement(self.statements, 'enter_invitation'), *self.operation(RSVP_ANSWER, 'json'), statement(self.statements, 'audit'))
        # Accepted or declined by turns of chance, so that most answers change the row, as wrk's do.
        script = script.replace(":'answer'", "(array['accepted', 'declined'])[:which]").replace('\\startpipeline', '\\set which random(1, 2)\n\\startpipeline')
        baseline = self.cluster.pgbench(script)
        answers = '{[true] = \'{"response": "accepted"}\', [false] = \'{"response": "declined"}\'}'
        rate, half, most = self.narada.wrk(self.lua(f"""local body = ({answers})[math.random(2) == 1]
            return wrk.format("POST", link, {{["Accept"] = "application/json", ["Content-Type"] = "application/json"}}, body)"""))
        return row('durable RSVP answer, 64 connections', rate, baseline, 'pgbench -M prepared, pipelined', '/s', 0.9, f'p50 {half}, p99 {most}')

    def public_page(self):
        address = f'{self.narada.base}/platforms/{self.slug}/meetings/{MEETING}'
        with urllib.request.urlopen(urllib.request.Request(address, headers={'Accept': 'text/html'})) as answer:
            page = answer.read()
        with nginx(self.place, page) as file:
            baseline, _, _ = wrk(file)
        before = self.narada.processor_seconds()
        rate, half, most = wrk('-H', 'Accept: text/html', address)
        each = (self.narada.processor_seconds() - before) / (rate * SECONDS) * 1e6
        return row('public page of a meeting (HTML), 64 connections', rate, baseline, 'nginx, the same bytes as a file', '/s', 0.8, f'p50 {half}, p99 {most}, {len(page)} bytes, {each:.0f} µs of narada itself a page')

    def crowd(self):
        """Everybody of a meeting of its own, so that the other rows see the same data in whatever order they run; made once. Gives psql's lines that enter the platform."""
        tenant = f"select set_config('narada.platform_id', id::text, false), set_config('narada.role', 'owner', false) from platform where slug = '{self.slug}';"
        if self.crowded:
            return tenant
        self.crowded = True
        meeting = self.narada.call('POST', f'/platforms/{self.slug}/meetings', self.token, {'title': 'Crowd', 'slug': 'crowd', 'starts_at': '2030-03-07T10:00:00Z', 'ends_at': '2030-03-07T12:00:00Z', 'time_zone': 'Europe/Warsaw', 'language': 'pl'})
        # Without triggers, which write a history that no list looks at, and take minutes.
        self.cluster.sql(f"""set search_path = narada; set session_replication_role = replica; set role narada_owner; {tenant}
            insert into person (name, email, position, organisation_id)
            select 'Crowded Person ' || n, 'crowded.' || n || '@example.org', 'position ' || n, o.id
              from generate_series(1, {ATTENDEES}) n join (select id, row_number() over () as k from organisation where name like 'Generated%') o on o.k = n % 200 + 1;
            insert into invitation (meeting_id, person_id) select '{meeting['id']}', p.id from person p where p.email like 'crowded.%'""")
        self.cluster.sql('vacuum analyze')
        return tenant

    def get(self, path):
        """What is behind it, and how long it took in seconds."""
        began, pieces = time.perf_counter(), []
        with urllib.request.urlopen(urllib.request.Request(f'{self.narada.base}/platforms/{self.slug}/{path}', headers={'Authorization': f'Bearer {self.token}'}), timeout=300) as answer:
            while piece := answer.read(1 << 18):
                pieces.append(piece)
        return b''.join(pieces), time.perf_counter() - began

    def xlsx(self):
        """The same list as a workbook, against libxlsxwriter that is given the cells."""
        self.crowd()
        alone, file = self.place / 'xlsx_alone', self.place / 'table.tsv'
        run('cc', '-O2', '-D_GNU_SOURCE', '-o', alone, TOP / 'tests/bench/xlsx_alone.c', '-lxlsxwriter')
        table = [line.split('\t') for line in self.get('meetings/crowd/attendees.csv?separator=tab')[0].decode().split('\r\n')[:-1]]
        assert len(table) == ATTENDEES + 1, len(table)
        kinds = ''.join('t' if name.endswith('_at') else 'b' if name == 'attended' else 's' for name in table[0])
        for cells in table[1:]:
            for place, kind in enumerate(kinds):
                if kind == 't' and cells[place]:
                    cells[place] = str(datetime.datetime.fromisoformat(cells[place].replace('Z', '+00:00')).timestamp())
        file.write_text(''.join('\t'.join(cells) + '\n' for cells in table))
        baseline = min(float(run(alone, kinds, file, self.place / 'alone.xlsx')) for _ in range(3)) / 1000
        pathlib.Path(f'/proc/{self.narada.process.pid}/clear_refs').write_text('5')
        before, times = self.narada.resident_mb(), []
        for _ in range(3):
            book, took = self.get('meetings/crowd/attendees.xlsx')
            times.append(took)
        mine, grown = min(times), self.narada.resident_mb('VmHWM') - before
        return row('rows of attendees.xlsx, 100,000 of them', ATTENDEES / mine, ATTENDEES / baseline, 'libxlsxwriter alone, same cells', '/s', 0.75, f'{mine * 1000:.0f} ms against {baseline * 1000:.0f} ms, {len(book) / 1e6:.1f} MB, peak {self.narada.resident_mb("VmHWM"):.1f} MB, grew by {grown:.1f} MB')

    def answers_for(self, seconds, rate=50):
        """Answers at a steady rate on one connection: their median and 99th percentile in ms."""
        links = (self.place / 'links.txt').read_text().split()
        connection, times, until = http.client.HTTPConnection('127.0.0.1', self.narada.port, timeout=60), [], time.perf_counter() + seconds
        headers = {'Accept': 'application/json', 'Content-Type': 'application/json'}
        for number in range(int(seconds * rate)):
            began = time.perf_counter()
            connection.request('POST', links[number * 7 % len(links)], json.dumps({'response': ('accepted', 'declined')[number % 2]}), headers)
            answer = connection.getresponse()
            answer.read()
            assert answer.status == 200, answer.status
            times.append((time.perf_counter() - began) * 1000)
            time.sleep(max(0, until - seconds + (number + 1) / rate - time.perf_counter()))
        times.sort()
        return times[len(times) // 2], times[len(times) * 99 // 100]

    def copying(self):
        """psql's lines that write what attendees.csv says into a file."""
        tenant = self.crowd()
        main = next(one for one in self.operation('list_attendees', 'csv') if one['name'] == 'list_attendees')
        text = filled(main, {name: {'meeting': "'crowd'"}.get(name, 'null') for name in main['parameters']}).rstrip(';')
        return f"set search_path = narada;\nset jit = off;\nset role narada_service;\n{tenant}\n\\copy ({text}) to '{self.place}/copy.csv' csv header\n"

    def copy(self, script):
        run('psql', '-h', self.cluster.socket, '-U', 'postgres', '-d', 'narada', '-v', 'ON_ERROR_STOP=1', '-q', input=script)

    def answers_while(self, work):
        """How long answers take while `work` is done over and over; and how often it was done."""
        stop, done = threading.Event(), []

        def go_on():
            while not stop.is_set():
                work(len(done))
                done.append(True)

        thread = threading.Thread(target=go_on)
        thread.start()
        times = self.answers_for(SECONDS * 2)
        stop.set()
        thread.join()
        return times, len(done)

    def export_latency(self):
        """How long an answer to an invitation takes while workbooks and CSV files of 100,000 rows are made one after the other; and while psql does that, what the
        database and two busy processors cost by themselves. The readers are other processes: a thread of this one would keep the one that measures waiting."""
        script = self.copying()

        def export(number):
            path = f'meetings/crowd/attendees.{("xlsx", "csv")[number % 2]}'
            run('curl', '-s', '-f', '-o', '/dev/null', '-H', f'Authorization: Bearer {self.token}', f'{self.narada.base}/platforms/{self.slug}/{path}')

        quiet = self.answers_for(SECONDS)
        (half, most), made = self.answers_while(export)
        (psql_half, psql_most), copied = self.answers_while(lambda _: self.copy(script))
        return f'{"RSVP answers, 50/s, while lists go out":45} p50 {half:.1f} ms, p99 {most:.1f} ms ({made} files of 100,000 rows)   while psql copies: p50 {psql_half:.1f} ms, p99 {psql_most:.1f} ms ({copied} files)   quiet: p50 {quiet[0]:.1f} ms, p99 {quiet[1]:.1f} ms'

    def csv(self):
        script = self.copying()
        began = time.perf_counter()
        self.copy(script)
        baseline = time.perf_counter() - began
        pathlib.Path(f'/proc/{self.narada.process.pid}/clear_refs').write_text('5')  # the peak starts anew
        before = self.narada.resident_mb()
        began, lines = time.perf_counter(), 0
        with urllib.request.urlopen(urllib.request.Request(f'{self.narada.base}/platforms/{self.slug}/meetings/crowd/attendees.csv', headers={'Authorization': f'Bearer {self.token}'})) as answer:
            while piece := answer.read(1 << 18):
                lines += piece.count(b'\n')
        mine = time.perf_counter() - began
        grown = self.narada.resident_mb('VmHWM') - before
        assert lines == ATTENDEES + 1, lines
        return row('rows of attendees.csv, 100,000 of them', ATTENDEES / mine, ATTENDEES / baseline, 'psql \\copy of the statement', '/s', 0.5, f'{mine * 1000:.0f} ms against {baseline * 1000:.0f} ms, resident grew by {grown:.1f} MB at most')

    def register(self):
        """5,000 people at 100 meetings: as a table against psql copying what its statement gives, a page of it, and the whole on paper."""
        tenant = self.crowd()
        self.cluster.sql(f"""set search_path = narada; set session_replication_role = replica; set role narada_owner; {tenant}
            insert into meeting (slug, title, starts_at, ends_at, time_zone, language, status)
            select 'register-' || n, 'Meeting ' || n, timestamptz '2019-01-01 09:00Z' + n * interval '3 days', timestamptz '2019-01-01 11:00Z' + n * interval '3 days', 'Europe/Warsaw', 'pl', 'published'
              from generate_series(1, 100) n;
            insert into invitation (meeting_id, person_id, response) select m.id, p.id, 'accepted' from meeting m, (select id from person where email like 'generated.%' order by id limit 5000) p where m.slug like 'register-%';
            insert into attendance (meeting_id, person_id, state) select i.meeting_id, i.person_id, 'present' from invitation i join meeting m on m.id = i.meeting_id
             where m.slug like 'register-%' and hashtext(i.id::text) % 2 = 0""")
        self.cluster.sql('vacuum analyze')
        main = next(one for one in self.operation('list_register', 'csv') if one['name'] == 'list_register')
        text = filled(main, {name: {'by': "'person'", 'from': "'2019-01-01'", 'to': "'2019-11-30'"}.get(name, 'null') for name in main['parameters']}).rstrip(';')
        began = time.perf_counter()
        self.copy(f"set search_path = narada;\nset jit = off;\nset role narada_service;\n{tenant}\n\\copy ({text}) to '{self.place}/register.csv' csv header\n")
        baseline = time.perf_counter() - began
        span = 'from=2019-01-01&to=2019-11-30'
        table, mine = self.get(f'register.csv?{span}')
        assert table.count(b'\n') == 5001, table.count(b'\n')
        page, paper = min(self.get(f'register?{span}')[1] for _ in range(5)), self.get(f'register.pdf?{span}')
        return row('register.csv, 5,000 people × 100 meetings', 5000 / mine, 5000 / baseline, 'psql \\copy of the statement', '/s', '-', f'{mine * 1000:.0f} ms against {baseline * 1000:.0f} ms; a page of 50 {page * 1000:.0f} ms; register.pdf {paper[1]:.1f} s, {len(paper[0]) / 1e6:.0f} MB')

    def invite(self):
        group = self.cluster.sql("set search_path = narada; select id from contact_group where name = 'Generated group'").strip()
        self.narada.call('POST', f'/platforms/{self.slug}/meetings', self.token, {'title': 'Bench 2', 'slug': 'bench-2', 'starts_at': '2030-02-07T10:00:00Z', 'ends_at': '2030-02-07T12:00:00Z', 'time_zone': 'Europe/Warsaw', 'language': 'pl'})
        began = time.perf_counter()
        made = self.narada.call('POST', f'/platforms/{self.slug}/meetings/bench-2/invitations', self.token, {'group_id': group})
        mine = time.perf_counter() - began
        assert made['invited'] == INVITEES, made
        began = time.perf_counter()
        self.cluster.sql(f"""set search_path = narada; set role narada_owner; select set_config('narada.platform_id', id::text, false) from platform where slug = '{self.slug}';
            delete from invitation i using meeting m where m.id = i.meeting_id and m.slug = 'bench-2'""")
        began = time.perf_counter()
        self.cluster.sql(f"""set search_path = narada; set role narada_owner; select set_config('narada.platform_id', id::text, false) from platform where slug = '{self.slug}';
            insert into invitation (meeting_id, person_id) select m.id, p.id from meeting m, person p where m.slug = 'bench-2' and p.email like 'generated.%'""")
        baseline = time.perf_counter() - began
        return row('inviting a group of 10,000', 1 / mine, 1 / baseline, 'one INSERT … SELECT by psql', '/s', 0.3, f'{mine * 1000:.0f} ms against {baseline * 1000:.0f} ms')

    def list(self):
        """10,000 strangers from a pasted list, until all are invited; against writing the same rows by hand, with nothing looked at and no history."""
        self.narada.call('POST', f'/platforms/{self.slug}/meetings', self.token, {'title': 'Bench 3', 'slug': 'bench-3', 'starts_at': '2030-03-07T10:00:00Z', 'ends_at': '2030-03-07T12:00:00Z', 'time_zone': 'Europe/Warsaw', 'language': 'pl'})
        text = 'Name;E-mail;Company\n' + ''.join(f'Listed Person {n};listed.{n}@example.org;Listed organisation {n % 200}\n' for n in range(INVITEES))
        path = f'/platforms/{self.slug}/meetings/bench-3/imports'
        began = time.perf_counter()
        one = self.narada.call('POST', path, self.token, {'text': text})
        read = time.perf_counter() - began
        self.narada.call('POST', f'{path}/{one["id"]}/run', self.token)
        while (now := self.narada.call('GET', f'{path}/{one["id"]}', self.token))['state'] == 'running':
            time.sleep(0.02)
        mine = time.perf_counter() - began
        assert now['counts']['invited'] == INVITEES, now
        began = time.perf_counter()
        self.cluster.sql(f"""set search_path = narada; set role narada_owner; select set_config('narada.platform_id', id::text, false) from platform where slug = '{self.slug}';
            insert into person (name, email) select 'Written Person ' || n, 'written.' || n || '@example.org' from generate_series(1, {INVITEES}) n;
            insert into invitation (meeting_id, person_id) select m.id, p.id from meeting m, person p where m.slug = 'bench-3' and p.email like 'written.%'""")
        baseline = time.perf_counter() - began
        return row('inviting 10,000 by a list', INVITEES / mine, INVITEES / baseline, 'two INSERTs by psql', '/s', 0.1, f'{read * 1000:.0f} ms to read, {mine * 1000:.0f} ms in all, against {baseline * 1000:.0f} ms')

    def mail_bytes(self):
        """What an invitation weighs, from one that is left as a file."""
        path = f'/platforms/{self.slug}/meetings/{MEETING}/invitations'
        one = self.narada.call('GET', f'{path}?limit=1', self.token)['items'][0]
        self.narada.call('POST', f'{path}/{one["id"]}/send', self.token)
        while not (files := list((self.place / 'data/outbox').glob('*.eml'))):
            time.sleep(0.05)
        return files[0].stat().st_size

    def mail(self):
        """All invitations of the meeting, each with a calendar part. Nobody else may take them meanwhile, so the other server makes room."""
        size = self.mail_bytes()
        self.narada.stop()
        waiting = "select count(*) from narada.outbox where state in ('queued', 'sending')"
        while self.cluster.sql(waiting).strip() != '0':
            time.sleep(0.1)
        with smtp_sink() as port:
            sender = Narada(self.binary, self.cluster, self.place / 'data', NARADA_SMTP_URL=f'smtp://127.0.0.1:{port}', NARADA_MAIL_FROM='narada@example.org',
                            NARADA_MAIL_INBOX='rsvp@example.org', NARADA_SMTP_CONNECTIONS=str(SMTP_CONNECTIONS), NARADA_DOMAIN_RATE='0', NARADA_DOMAIN_CONNECTIONS='0')
            queued = sender.call('POST', f'/platforms/{self.slug}/meetings/{MEETING}/invitations/send', self.token, {'which': 'unsent'})['queued']
            before, began = sender.processor_seconds(), time.perf_counter()
            while self.cluster.sql(waiting).strip() != '0':
                time.sleep(0.5)  # asking costs what the other row's program is spared
            mine = queued / (time.perf_counter() - began)
            each = (sender.processor_seconds() - before) / queued * 1e6
            sent = self.cluster.sql("select count(*) from narada.outbox where state = 'sent'").strip()
            sender.stop()
            assert int(sent) == INVITEES, (sent, queued)
            began = time.perf_counter()
            run('smtp-source', '-d', '-s', SMTP_CONNECTIONS, '-m', queued, '-l', size, '-f', 'narada@example.org', '-t', 'generated@example.org', f'127.0.0.1:{port}')
            baseline = queued / (time.perf_counter() - began)
        self.narada = Narada(self.binary, self.cluster, self.place / 'data')
        return row(f'mails by SMTP, {SMTP_CONNECTIONS} connections', mine, baseline, 'smtp-source, same size and sink', '/s', '-', f'{size} bytes each, {each:.0f} µs of narada itself a mail')

    def memory(self):
        fresh = Narada(self.binary, self.cluster, self.place / 'data')
        idle = []
        for _ in range(1000):
            one = socket.create_connection(('127.0.0.1', fresh.port))
            one.sendall(b'GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n')
            one.recv(4096)
            idle.append(one)
        used = fresh.resident_mb()
        for one in idle:
            one.close()
        fresh.stop()
        return f'{"resident, 1,000 idle keep-alive connections":45} {used:10.1f} MB   (to hold: under 32 MB)'

    def start(self):
        times = []
        for _ in range(7):
            fresh = Narada(self.binary, self.cluster, self.place / 'data')
            times.append(fresh.start_ms)
            fresh.stop()
        times.sort()
        return f'{"start to ready, migrated database":45} {times[3]:10.0f} ms   (min {times[0]:.0f}, max {times[-1]:.0f}; to hold: under 100 ms)'


RSVP_READ, RSVP_ANSWER = 'read_rsvp', 'answer_rsvp'


def row(title, mine, baseline, against, unit, least, remark):
    return f'{title:45} {mine:10.0f}{unit}   {baseline:10.0f}{unit} {against:32} ratio {mine / baseline:5.2f}   (to hold: {least})   {remark}'


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument('rows', nargs='*', default=['look-up', 'answer', 'public-page', 'invite', 'list', 'csv', 'xlsx', 'register', 'export-latency', 'memory', 'start'])
    parser.add_argument('--binary', default=str(TOP / 'build/server/narada'))
    options = parser.parse_args()
    place = pathlib.Path(tempfile.mkdtemp(prefix='narada-bench-', dir='/var/tmp'))
    place.chmod(0o755)
    with contextlib.ExitStack() as leave:
        leave.callback(shutil.rmtree, place, ignore_errors=True)
        cluster = Cluster(place)
        leave.callback(cluster.stop)
        bench = Bench(options.binary, cluster, place)
        leave.callback(lambda: bench.narada.stop())
        for name in options.rows:
            print(getattr(bench, name.replace('-', '_'))(), flush=True)


if __name__ == '__main__':
    main()
