-- demo.sql: two platforms to try Narada with: GOZ and its meeting of 17 December 2019, and the ICEI Alliance.
--
-- Runs in one transaction as narada_owner and does nothing when the platform `goz` exists. What is real here is spelled as its owners spell it;
-- what is not known (times, venue, e-mail addresses, who else came) is an example and says so. No real person is invented.
--
-- What `narada serve` needs afterwards, with narada.platform_id set to the platform's id:
--     the platform                 select id from platform where slug = 'goz'
--     the meeting                  select id, slug from meeting where slug = '2019-12-17-miasta-i-gminy-w-obiegu-zamknietym'
--     links to answer with         select id, link_version from invitation where meeting_id = … and response = 'needs_action' and group_id is not null
--                                   order by created_at, id
--     accounts                     biuro@goz.example.org     owner of goz
--                                  asystent@goz.example.org  assistant of goz
--                                  office@icei.example.org   owner of icei
--                                  koordynacja@example.org   organiser of both

set local role narada_owner;
set local search_path = narada;

-- ── ICEI Alliance ─────────────────────────────────────────────────────────────
do $icei$
begin
    if exists (select from platform where slug in ('goz', 'icei')) then
        return;
    end if;
    perform set_config('narada.platform_id', uuidv7()::text, true);

    insert into platform (id, slug, name, description, language, time_zone, contact_email)
    values (platform_id(), 'icei', 'European Alliance for Cross-Industrial Circular Economy Investments (ICEI Alliance)',
            'European clusters and universities. The alliance works as a set of business-led investment projects in the circular economy; its members help companies structure those projects and reach financing.',
            'en', 'Europe/Helsinki', 'office@icei.example.org');

    insert into membership (platform_id, account_id, role)
    values (platform_id(), account_for('office@icei.example.org', 'ICEI office (example)'), 'owner'),
           (platform_id(), account_for('koordynacja@example.org', 'Koordynacja (przykład)'), 'organiser');

    insert into organisation (name, short_name, kind, affiliation, city, note)
    values ('Circular Economy Centre at Digipolis', null, 'other', 'member', 'Kemi', 'Host of the preparatory meetings.'),
           ('South Poland Cleantech Cluster', 'SPCleantech', 'cluster', 'member', null, 'Co-founder of the alliance.'),
           ('Example University', null, 'university', 'partner', null, 'An example.'),
           ('Example Company', null, 'company', 'partner', null, 'An example.');
    update platform set host_organisation_id = (select id from organisation where name = 'Circular Economy Centre at Digipolis') where id = platform_id();

    insert into person (name, email, position, organisation_id, language)
    select v.name, v.email, v.position, o.id, v.language
      from (values ('Example Person 1', 'person.1@icei.example.org', 'project lead (example)', 'Circular Economy Centre at Digipolis', 'fi'),
                   ('Example Person 2', 'person.2@icei.example.org', 'cluster manager (example)', 'South Poland Cleantech Cluster', 'pl'),
                   ('Example Person 3', 'person.3@icei.example.org', 'researcher (example)', 'Example University', 'en'),
                   ('Example Person 4', 'person.4@icei.example.org', 'head of investments (example)', 'Example Company', 'en')) v (name, email, position, organisation, language)
      join organisation o on o.name = v.organisation;

    insert into contact_group (name, description) values ('Alliance members', 'Clusters and universities of the alliance (the people are examples).');
    insert into group_member (group_id, organisation_id)
    select g.id, o.id from contact_group g, organisation o where o.affiliation = 'member';
    insert into group_member (group_id, person_id)
    select g.id, p.id from contact_group g, person p where p.email in ('person.3@icei.example.org', 'person.4@icei.example.org');

    insert into series (title, numbering, description, host_organisation_id)
    select 'Preparatory meetings 2020–2021', 'Preparatory meeting {number}', 'Preparatory meetings of the ICEI Alliance, hosted by the Circular Economy Centre at Digipolis, Kemi, Finland.', id
      from organisation where name = 'Circular Economy Centre at Digipolis';

    insert into venue (name, address, city, country, directions)
    values ('Example venue', 'Esimerkkikatu 1', 'Kemi', 'FI', 'An example: the real venue is not known.');

    insert into meeting (slug, title, theme, purpose, information, starts_at, ends_at, time_zone, language, status, format, venue_id, online_url,
                         host_organisation_id, series_id, series_number, contact_name, contact_email)
    select v.slug, v.title, v.theme, v.purpose, 'Date, times, venue and online address are examples.',
           v.starts_at at time zone 'Europe/Helsinki', v.ends_at at time zone 'Europe/Helsinki', 'Europe/Helsinki', 'en', 'published', 'hybrid', venue.id,
           'https://meet.example.org/icei', host.id, series.id, v.number, 'ICEI office (example)', 'office@icei.example.org'
      from (values ('preparatory-meeting-1', 'Preparatory meeting 1', 'Investment projects of the alliance', 'Presenting the first investment projects and how members can help companies structure them.',
                    timestamp '2020-10-14 10:00', timestamp '2020-10-14 12:00', 1),
                   ('preparatory-meeting-2', 'Preparatory meeting 2', 'Reaching financing', 'Following the investment projects from the first meeting: what was decided, what is sought.',
                    timestamp '2021-03-17 10:00', timestamp '2021-03-17 12:00', 2)) v (slug, title, theme, purpose, starts_at, ends_at, number),
           venue, series, organisation host
     where host.name = 'Circular Economy Centre at Digipolis';

    insert into agenda_item (meeting_id, position, kind, title, abstract, duration_minutes)
    select m.id, v.position, v.kind, v.title, v.abstract, v.duration
      from meeting m join (values ('preparatory-meeting-1', 1, 'talk', 'How the alliance works', 'Business-led investment projects, supported by clusters and universities.', 40),
                                  ('preparatory-meeting-1', 2, 'talk', 'Investment projects', null, 50),
                                  ('preparatory-meeting-1', 3, 'discussion', 'Next steps', null, 30),
                                  ('preparatory-meeting-2', 1, 'talk', 'Investment projects: where they stand', null, 60),
                                  ('preparatory-meeting-2', 2, 'discussion', 'Next steps', null, 60)) v (slug, position, kind, title, abstract, duration) using (slug)
     where m.platform_id = platform_id();

    insert into speaker (meeting_id, organisation_id, role)
    select m.id, o.id, 'host' from meeting m, organisation o where m.platform_id = platform_id() and o.name = 'Circular Economy Centre at Digipolis';
    insert into speaker (meeting_id, agenda_item_id, organisation_id, role)
    select a.meeting_id, a.id, o.id, 'speaker' from agenda_item a, organisation o
     where (a.title = 'How the alliance works' and o.name = 'Circular Economy Centre at Digipolis')
        or (a.title like 'Investment projects%' and o.name = 'South Poland Cleantech Cluster');

    insert into initiative (title, description, status, financing_status, financing, lead_organisation_id)
    select v.title, 'An example of a business-led investment project.', v.status, v.financing_status, v.financing, o.id
      from (values ('Example investment project 1', 'running', 'applied', 'Example: an application is being assessed.'),
                   ('Example investment project 2', 'idea', 'sought', 'Example: a partner for financing is sought.')) v (title, status, financing_status, financing)
      join organisation o on o.name = 'Example Company';
    insert into initiative_partner (initiative_id, organisation_id)
    select i.id, o.id from initiative i, organisation o where o.name = 'Example University' and i.title = 'Example investment project 1';
    insert into initiative_item (initiative_id, agenda_item_id)
    select i.id, a.id from initiative i, agenda_item a where a.title like 'Investment projects%';

    insert into meeting_group (meeting_id, group_id) select m.id, g.id from meeting m, contact_group g where m.platform_id = platform_id();
    insert into invitation (meeting_id, person_id, group_id) select m.id, p.id, g.id from meeting m, contact_group g, person p
     where m.platform_id = platform_id() order by m.starts_at, p.name;
    update invitation i set response = 'accepted', responded_at = m.starts_at - interval '7 days'
      from meeting m, person p
     where m.id = i.meeting_id and p.id = i.person_id and p.email in ('person.1@icei.example.org', 'person.2@icei.example.org');
end
$icei$;

-- ── GOZ ───────────────────────────────────────────────────────────────────────
do $goz$
declare
    the_meeting constant text := '2019-12-17-miasta-i-gminy-w-obiegu-zamknietym';
    the_example constant text := 'spotkanie-przykladowe';
    example_day constant date := (now() at time zone 'Europe/Warsaw')::date + 30;
    said record;
begin
    if exists (select from platform where slug = 'goz') then
        return;
    end if;
    perform set_config('narada.platform_id', uuidv7()::text, true);

    insert into platform (id, slug, name, description, language, time_zone, contact_email)
    values (platform_id(), 'goz', 'Biogospodarka i Gospodarka o Obiegu Zamkniętym (GOZ)',
            'Platforma „Biogospodarka i Gospodarka o Obiegu Zamkniętym” (GOZ) skupia członków i partnerów, którzy regularnie spotykają się, aby poznawać projekty i inicjatywy GOZ. Organizatorem jest South Poland Cleantech Cluster.',
            'pl', 'Europe/Warsaw', 'biuro@goz.example.org');

    insert into membership (platform_id, account_id, role)
    values (platform_id(), account_for('biuro@goz.example.org', 'Biuro GOZ (przykład)'), 'owner'),
           (platform_id(), account_for('asystent@goz.example.org', 'Asystent GOZ (przykład)'), 'assistant'),
           (platform_id(), account_for('koordynacja@example.org', 'Koordynacja (przykład)'), 'organiser');

    insert into organisation (name, short_name, kind, affiliation, city, note)
    values ('South Poland Cleantech Cluster', 'SPCleantech', 'cluster', 'member', null, 'Organizator platformy GOZ.'),
           ('Małopolska Agencja Rozwoju Regionalnego', 'MARR', 'agency', 'member', null, 'Członek SPCleantech.'),
           ('LifeScience Cluster', null, 'cluster', 'partner', null, 'Partner wspólnego projektu „Symbioza przemysłowa”.'),
           ('Kraków', null, 'municipality', 'none', 'Kraków', null),
           ('Małopolski Urząd Marszałkowski', null, 'public_authority', 'none', null, null),
           ('Przykładowa Gmina 1', null, 'municipality', 'none', null, 'Przykład: taka gmina nie istnieje.'),
           ('Przykładowa Gmina 2', null, 'municipality', 'none', null, 'Przykład: taka gmina nie istnieje.'),
           ('Przykładowa Gmina 3', null, 'municipality', 'none', null, 'Przykład: taka gmina nie istnieje.');
    update platform set host_organisation_id = (select id from organisation where name = 'South Poland Cleantech Cluster') where id = platform_id();

    insert into person (name, sort_name, email, position, organisation_id, note)
    select v.name, v.sort_name, v.email, v.position, o.id, 'Adres e-mail jest przykładowy.'
      from (values ('Barbara Grodowska', 'Grodowska Barbara', 'barbara.grodowska@example.org', 'dyrektor Departamentu Innowacji i Rozwoju Biznesu', 'Małopolska Agencja Rozwoju Regionalnego'),
                   ('Romana Toft', 'Toft Romana', 'romana.toft@example.org', 'odpowiedzialna między innymi za finansowanie inicjatyw MARR', 'Małopolska Agencja Rozwoju Regionalnego'),
                   ('Wacław Skubida', 'Skubida Wacław', 'waclaw.skubida@example.org', 'dyrektor Wydziału Gospodarki Komunalnej Krakowa', 'Kraków'),
                   ('Agnieszka Wadowska', 'Wadowska Agnieszka', 'agnieszka.wadowska@example.org', 'kierownik Zespołu ds. Realizacji Projektu Spin', 'Małopolski Urząd Marszałkowski')) v (name, sort_name, email, position, organisation)
      join organisation o on o.name = v.organisation;
    insert into person (name, sort_name, email, position, organisation_id, note)
    select 'Przykładowa Osoba ' || n, 'Osoba ' || n || ' Przykładowa', 'osoba.' || n || '@goz.example.org', 'stanowisko przykładowe', o.id, 'Przykład: taka osoba nie istnieje.'
      from generate_series(1, 12) n join organisation o on o.name = 'Przykładowa Gmina ' || (n - 1) % 3 + 1
     order by n;

    insert into contact_group (name, description)
    values ('małopolskie gminy', 'Gminy województwa małopolskiego. Osoby w tej grupie są przykładowe.'),
           ('członkowie Metropolii Krakowskiej', 'Gminy Metropolii Krakowskiej. Poza Krakowem osoby w tej grupie są przykładowe.');
    insert into group_member (group_id, organisation_id)
    select g.id, o.id from contact_group g join organisation o
        on (g.name = 'małopolskie gminy' and o.name like 'Przykładowa Gmina %') or (g.name = 'członkowie Metropolii Krakowskiej' and o.name = 'Kraków');
    insert into group_member (group_id, person_id)
    select g.id, p.id from contact_group g, person p
     where g.name = 'członkowie Metropolii Krakowskiej' and p.email in ('osoba.1@goz.example.org', 'osoba.4@goz.example.org');

    insert into series (title, description, host_organisation_id)
    select 'Spotkania członków i partnerów platformy GOZ', 'Kolejne spotkania platformy „Biogospodarka i Gospodarka o Obiegu Zamkniętym”.', id
      from organisation where name = 'South Poland Cleantech Cluster';

    insert into venue (name, address, city, country, room, capacity, directions, accessibility)
    values ('Miejsce przykładowe', 'ul. Przykładowa 1', 'Kraków', 'PL', 'sala przykładowa', 60, 'Adres jest przykładowy: miejsce spotkania nie jest znane.',
            'Przykład: wejście bez stopni, pętla indukcyjna.');

    insert into meeting (slug, title, theme, purpose, information, starts_at, ends_at, time_zone, language, status, venue_id, capacity, waitlist, rsvp_closes_at,
                         format, online_url, online_capacity, companions_allowed, registration, host_organisation_id, series_id, contact_name, contact_email)
    select v.slug, v.title, v.theme, v.purpose, v.information, v.starts_at at time zone 'Europe/Warsaw', v.ends_at at time zone 'Europe/Warsaw', 'Europe/Warsaw', 'pl',
           'published', venue.id, v.capacity, v.capacity is not null, v.closes_at at time zone 'Europe/Warsaw',
           v.format, v.online_url, v.online_capacity, v.companions_allowed, v.registration, host.id, series.id, 'Biuro GOZ (przykład)', 'biuro@goz.example.org'
      from (values (the_meeting, 'Spotkanie członków i partnerów platformy GOZ', 'Miasta i gminy w obiegu zamkniętym',
                    'Poznanie aktualnych projektów i inicjatyw GOZ. Od poprzedniego spotkania powstało ich wiele.',
                    'Godziny i miejsce są przykładowe: rzeczywiste nie są znane.',
                    timestamp '2019-12-17 10:00', timestamp '2019-12-17 13:00', null::int, null::timestamp, 'in_person', null, null::int, 0, 'closed'),
                   (the_example, 'Spotkanie przykładowe', null,
                    'Wypróbowanie zaproszeń, zastępstw, osób towarzyszących, warsztatów do wyboru, limitów miejsc i listy rezerwowej.',
                    'To spotkanie jest przykładem: nie odbędzie się.',
                    example_day + time '10:00', example_day + time '12:00', 4, example_day - 3 + time '18:00',
                    'hybrid', 'https://meet.example.org/goz', 6, 1, 'approval'))
             v (slug, title, theme, purpose, information, starts_at, ends_at, capacity, closes_at, format, online_url, online_capacity, companions_allowed, registration),
           venue, series, organisation host
     where host.name = 'South Poland Cleantech Cluster';

    insert into agenda_item (meeting_id, position, kind, title, abstract, duration_minutes, joining, capacity, choice_group)
    select m.id, v.position, 'talk', v.title, v.abstract, v.duration, case when v.choice_group is null then 'everyone' else 'optional' end, v.capacity, v.choice_group
      from meeting m join (values
               (the_meeting, 1, 'Inicjatywy i plany na nadchodzący rok dotyczące GOZ w Małopolsce', null, 60, null::int, null),
               (the_meeting, 2, 'Możliwości finansowania dla małopolskich przedsiębiorców', null, 60, null, null),
               (the_meeting, 3, 'Najnowsze inicjatywy SPCleantech',
                '„Circular City – Obieg zamknięty w budownictwie” oraz „Symbioza przemysłowa”, wspólny projekt z LifeScience Cluster.', 60, null, null),
               (the_example, 1, 'Punkt przykładowy', null, 60, null, null),
               (the_example, 2, 'Warsztat przykładowy A', 'Do wyboru: odbywa się równocześnie z warsztatem B.', 60, 3, 'Warsztaty'),
               (the_example, 3, 'Warsztat przykładowy B', 'Do wyboru: odbywa się równocześnie z warsztatem A.', 60, 10, 'Warsztaty'))
               v (slug, position, title, abstract, duration, capacity, choice_group) using (slug)
     where m.platform_id = platform_id();

    insert into speaker (meeting_id, agenda_item_id, person_id, role, rank)
    select m.id, a.id, p.id, v.role, v.rank
      from (values ('Barbara Grodowska', null, 'special_guest', 1),
                   ('Romana Toft', null, 'special_guest', 2),
                   ('Barbara Grodowska', 1, 'speaker', 0),
                   ('Barbara Grodowska', 2, 'speaker', 0)) v (name, item, role, rank)
      join meeting m on m.platform_id = platform_id() and m.slug = the_meeting
      join person p on p.name = v.name
      left join agenda_item a on a.meeting_id = m.id and a.position = v.item;
    insert into speaker (meeting_id, agenda_item_id, organisation_id, role)
    select m.id, a.id, o.id, 'speaker'
      from meeting m join agenda_item a on a.meeting_id = m.id and a.position = 3, organisation o
     where m.slug = the_meeting and o.name = 'South Poland Cleantech Cluster';

    insert into initiative (title, description, status, lead_organisation_id)
    select v.title, v.description, 'running', o.id
      from (values ('Circular City – Obieg zamknięty w budownictwie', 'Inicjatywa SPCleantech.'),
                   ('Symbioza przemysłowa', 'Wspólny projekt SPCleantech i LifeScience Cluster.')) v (title, description), organisation o
     where o.name = 'South Poland Cleantech Cluster';
    insert into initiative_partner (initiative_id, organisation_id)
    select i.id, o.id from initiative i, organisation o where i.title = 'Symbioza przemysłowa' and o.name = 'LifeScience Cluster';
    insert into initiative_item (initiative_id, agenda_item_id)
    select i.id, a.id from initiative i, agenda_item a join meeting m on m.id = a.meeting_id where m.slug = the_meeting and a.position = 3;

    perform question_make(m.id, q.written) from meeting m
     cross join (values (1, '{"kind": "multiple_choice", "label": "Dieta", "hint": "Bez zaznaczenia: posiłek standardowy.", "sensitive": true,
                              "choices": [{"label": "wegetariańska"}, {"label": "wegańska"}, {"label": "bezglutenowa"}]}'::jsonb),
                        (2, '{"kind": "long_text", "label": "Potrzeby związane z dostępnością", "sensitive": true, "hint": "Na przykład miejsce dla wózka albo pętla indukcyjna."}'),
                        (3, '{"kind": "consent", "label": "Zgoda na publikację zdjęć",
                              "consent_text": "Wyrażam zgodę na publikację zdjęć ze spotkania, na których można mnie rozpoznać, na stronie internetowej organizatora."}')) q (rank, written)
     where m.platform_id = platform_id() and m.slug in (the_meeting, the_example) order by m.starts_at, q.rank;
    perform question_make(m.id, '{"kind": "yes_no", "label": "Czy potrzebne jest miejsce parkingowe?", "required": true, "mode": "in_person"}')
       from meeting m where m.platform_id = platform_id() and m.slug = the_example;

    -- Invited: both groups, and two people by name. What the real people answered is not known and stays unanswered here.
    insert into meeting_group (meeting_id, group_id) select m.id, g.id from meeting m, contact_group g
     where m.platform_id = platform_id() and (m.slug = the_meeting or g.name = 'małopolskie gminy');
    insert into invitation (meeting_id, person_id, group_id)
    select m.id, p.id, g.id
      from meeting m
      join person p on p.email like 'osoba.%' or (m.slug = the_meeting and p.email not like 'osoba.%')
      left join contact_group g on g.name = case when p.email like 'osoba.%' then 'małopolskie gminy' when p.name = 'Wacław Skubida' then 'członkowie Metropolii Krakowskiej' end
     where m.platform_id = platform_id()
     order by m.starts_at, length(p.email), p.email;
    update invitation i set response = v.response, responded_at = m.starts_at - interval '9 days', note = v.note,
                            queue_number = case when v.response = 'waitlisted' then 1 end
      from (values (the_meeting, 'osoba.7@goz.example.org', 'accepted', null),
                   (the_meeting, 'osoba.8@goz.example.org', 'accepted', 'Przykładowa uwaga: przyjazd około 10:15.'),
                   (the_meeting, 'osoba.9@goz.example.org', 'tentative', null),
                   (the_meeting, 'osoba.10@goz.example.org', 'declined', 'Przykładowa uwaga: inne spotkanie w tym samym czasie.')) v (slug, email, response, note)
      join meeting m on m.slug = v.slug, person p
     where p.email = v.email and i.meeting_id = m.id and i.person_id = p.id;

    -- The coming example has one of everything: answers as people would give them, in this order, by the functions that give out seats.
    update meeting_group mg set live = true, organisation_seats = 2 from meeting m
     where m.platform_id = mg.platform_id and m.id = mg.meeting_id and m.slug = the_example;
    update invitation i set delivery = 'sent', sent_at = now() from meeting m where m.platform_id = i.platform_id and m.id = i.meeting_id and m.slug = the_example;
    for said in
        select i.id, v.* from (values (1, 1, 'accepted', 'in_person', null, 'Przykładowa Osoba Towarzysząca 1', 1),
                                      (2, 2, 'accepted', 'in_person', null, 'Przykładowa Osoba Towarzysząca 2', 2),
                                      (3, 3, 'accepted', 'online', null, null, 2),
                                      (4, 12, 'accepted', 'in_person', 'Przykładowa uwaga: chętnie, jeśli zwolni się miejsce.', null, null), -- the room is full
                                      (5, 4, 'accepted', 'online', null, null, null),                                                   -- two of the municipality come
                                      (6, 5, 'declined', null, 'Przykładowa uwaga: w tym czasie jest sesja rady.', null, null),
                                      (7, 6, 'tentative', 'online', null, null, null),
                                      (8, 10, 'declined', null, null, null, null)) v (rank, person, response, mode, note, companion, workshop)
          join person p on p.platform_id = platform_id() and p.email = 'osoba.' || v.person || '@goz.example.org'
          join meeting m on m.platform_id = platform_id() and m.slug = the_example
          join invitation i on i.platform_id = platform_id() and i.meeting_id = m.id and i.person_id = p.id order by v.rank
    loop
        perform set_config('narada.actor', 'invitation ' || said.id, true);
        perform answer_invitation(said.id, said.response, said.note, said.note is not null, chosen_mode => said.mode);
        if said.companion is not null then
            perform set_companions(said.id, jsonb_build_array(jsonb_build_object('name', said.companion)));
        end if;
        if said.workshop is not null then
            perform choose_items(said.id, (select jsonb_agg(a.id) from agenda_item a join invitation i on i.platform_id = a.platform_id and i.meeting_id = a.meeting_id
                                            where a.platform_id = platform_id() and i.id = said.id and a.position = said.workshop + 1));
        end if;
        perform answer_questions(said.id, (
            select coalesce(jsonb_agg(jsonb_build_object('question_id', k.question_id, 'wording', q.wording) || case q.kind when 'yes_no' then '{"boolean": true}' else '{"choices": ["wegetarianska"]}'::jsonb end), '[]')
              from question_asked k join question q on q.platform_id = k.platform_id and q.id = k.question_id
             where k.platform_id = platform_id() and k.invitation_id = said.id and said.rank in (1, 3) and q.kind in ('yes_no', 'multiple_choice')));
        if said.person = 3 then
            perform delegate_invitation(said.id, '{"name": "Przykładowe Zastępstwo", "email": "zastepstwo@goz.example.org", "position": "stanowisko przykładowe"}');
            update invitation i set delivery = 'sent', sent_at = now() where i.platform_id = platform_id() and i.delegated_from = said.id;
            update person p set note = 'Przykład: taka osoba nie istnieje.', sort_name = 'Zastępstwo Przykładowe' where p.platform_id = platform_id() and p.email = 'zastepstwo@goz.example.org';
        end if;
    end loop;
    perform set_config('narada.actor', '', true);
    insert into registration (meeting_id, name, email, position, organisation, language, mode, note, state, confirmed_at)
    select m.id, 'Przykładowe Zgłoszenie', 'zgloszenie@goz.example.org', 'stanowisko przykładowe', 'Przykładowa Gmina 4', 'pl', 'online',
           'Przykładowa uwaga: zgłoszenie przez stronę spotkania czeka na decyzję organizatora.', 'awaiting_approval', now()
      from meeting m where m.platform_id = platform_id() and m.slug = the_example;
    delete from outbox o where o.platform_id = platform_id(); -- nobody is to be told: none of these people exists

    -- Who took part, as far as it is known; when they arrived is not.
    perform attendance_correct(m.id, p.id, 'present', null, null, null, 'paper') from meeting m, person p
     where m.slug = the_meeting and p.name in ('Barbara Grodowska', 'Romana Toft', 'Wacław Skubida', 'Agnieszka Wadowska');

    -- What was handed out is not known either; the programme as a text is ours.
    perform document_add(m.id, null, 'Program spotkania jako tekst', 'Program spotkania.txt', 'everybody', 0, convert_to(concat_ws(E'\r\n', m.title, m.theme, '',
                (select string_agg(concat(row_number, '. ', a.title), E'\r\n') from (select row_number() over (order by i.position), i.title from agenda_item i where i.meeting_id = m.id) a), ''), 'UTF8'))
       from meeting m where m.platform_id = platform_id() and m.slug in (the_meeting, the_example);
end
$goz$;
