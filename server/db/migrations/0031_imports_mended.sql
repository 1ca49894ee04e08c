-- 0031_imports_mended.sql: what lists taken in need beyond 0025: members of groups are looked for once a step, not once a row.

set local role narada_owner;
set local search_path = narada;

-- As in 0025, but for when that is done: an expression is not looked up in an index behind row-level security, so that each look is one at everybody.
create or replace function import_do_groups(one import, r import_row) returns void language plpgsql volatile set enable_seqscan = off as $$
declare
    w jsonb := r.written;
    the_group uuid := coalesce(r.target_id, (select g.id from contact_group g where g.platform_id = platform_id() and fold(g.name) = fold(r.written->>'group')));
    news jsonb := (select coalesce(jsonb_object_agg(case c.key when 'group' then 'name' else c.key end, c.value->1), '{}') from jsonb_each(coalesce(r.changes, '{}')) c);
    mail text := email_key(w->>'email');
    member uuid;
    made uuid;
begin
    if the_group is null then
        insert into contact_group (name, description, external_id) values (w->>'group', w->>'description', w->>'external_id') returning id into the_group;
        perform import_remember_made(one, r.rank, 'contact_group', the_group);
        news := '{}';
    end if;
    r.target_id := the_group;
    if w ?| array['name', 'email'] then
        -- Who was there before this step is known by now; a row of this step above may have made them. (Whom somebody else made meanwhile, the unique index finds.)
        member := r.person_id;
        if member is null and exists (select from import_row t where t.platform_id = platform_id() and t.import_id = one.id and t.rank > one.handled_rank and t.rank < r.rank
                                         and (t.key = r.key or email_key(t.written->>'email') = mail or fold(t.written->>'name') = fold(w->>'name'))) then
            member := coalesce((select p.id from person p where p.platform_id = platform_id() and email_key(p.email) = mail),
                               (select m.target_id from import_people_named(one.id, r.rank - 1, r.rank) m));
        end if;
        member := coalesce(member, import_person_made(one, r.rank, w - 'external_id' - 'description' - 'group'));
        insert into group_member (group_id, person_id) values (the_group, member) on conflict do nothing returning id into made;
    elsif w ? 'organisation' then
        member := import_organisation(one, r.rank, w->>'organisation');
        insert into group_member (group_id, organisation_id) values (the_group, member) on conflict do nothing returning id into made;
    end if;
    if made is not null then
        perform import_remember_made(one, r.rank, 'group_member', made, 0);
    end if;
    if news <> '{}' then
        perform import_alter(one, r, 'contact_group', news);
    end if;
    if made is not null or news = '{}' then
        perform import_done(one, r.rank, the_group);
    end if;
end
$$;

reset role;
