-- initiatives.sql: projects and undertakings that are followed from meeting to meeting.

-- name: list_initiatives many
select i.id, i.title, i.description, i.status, i.financing_status, i.financing, i.lead_organisation_id, lead.name as lead_organisation,
       (select coalesce(jsonb_agg(p.organisation_id order by p.organisation_id), '[]') from initiative_partner p
         where p.platform_id = i.platform_id and p.initiative_id = i.id) as partner_ids,
       (select coalesce(jsonb_agg(a.agenda_item_id order by a.agenda_item_id), '[]') from initiative_item a
         where a.platform_id = i.platform_id and a.initiative_id = i.id) as agenda_item_ids,
       i.website, i.external_id, i.version, i.created_at, i.updated_at, jsonb_build_array(i.title, i.id) as _cursor
  from initiative i
  left join organisation lead on lead.platform_id = i.platform_id and lead.id = i.lead_organisation_id
 where i.platform_id = platform_id()
   and (:q::text is null or i.search like all (search_words(:q)))
   and (:status::text is null or i.status = :status)
   and (:financing_status::text is null or i.financing_status = :financing_status)
   and (:organisation_id::uuid is null or i.lead_organisation_id = :organisation_id::uuid or exists (
        select from initiative_partner p where p.platform_id = i.platform_id and p.initiative_id = i.id and p.organisation_id = :organisation_id::uuid))
   and (:after::jsonb is null or (i.title collate "pl-x-icu", i.id) > (:after::jsonb->>0, (:after::jsonb->>1)::uuid))
 order by i.title collate "pl-x-icu", i.id
 limit :limit::int + 1;

-- name: list_initiatives.organisations many when html
select id, name from organisation where platform_id = platform_id() order by name collate "pl-x-icu", id limit 2000;

-- name: create_initiative one
with made as (
    insert into initiative (title, description, status, financing_status, financing, lead_organisation_id, website, external_id)
    values (:title, :description, coalesce(:status, 'idea'), coalesce(:financing_status, 'none'), :financing, :lead_organisation_id::uuid, :website, :external_id)
    returning *
), partners as (
    insert into initiative_partner (initiative_id, organisation_id)
    select distinct made.id, partner::uuid from made, jsonb_array_elements_text(:partner_ids::jsonb) partner
    returning organisation_id
), items as (
    insert into initiative_item (initiative_id, agenda_item_id)
    select distinct made.id, item::uuid from made, jsonb_array_elements_text(:agenda_item_ids::jsonb) item
    returning agenda_item_id
)
select made.id, title, description, status, financing_status, financing, lead_organisation_id,
       (select o.name from organisation o where o.platform_id = platform_id() and o.id = lead_organisation_id) as lead_organisation,
       (select coalesce(jsonb_agg(organisation_id order by organisation_id), '[]') from partners) as partner_ids,
       (select coalesce(jsonb_agg(agenda_item_id order by agenda_item_id), '[]') from items) as agenda_item_ids,
       website, external_id, version, created_at, updated_at
  from made;

-- name: read_initiative one
select i.id, i.title, i.description, i.status, i.financing_status, i.financing, i.lead_organisation_id, lead.name as lead_organisation,
       (select coalesce(jsonb_agg(p.organisation_id order by p.organisation_id), '[]') from initiative_partner p
         where p.platform_id = i.platform_id and p.initiative_id = i.id) as partner_ids,
       (select coalesce(jsonb_agg(a.agenda_item_id order by a.agenda_item_id), '[]') from initiative_item a
         where a.platform_id = i.platform_id and a.initiative_id = i.id) as agenda_item_ids,
       i.website, i.external_id, i.version, i.created_at, i.updated_at
  from initiative i
  left join organisation lead on lead.platform_id = i.platform_id and lead.id = i.lead_organisation_id
 where i.platform_id = platform_id() and i.id = :initiative::uuid;

-- name: read_initiative.partners many when html
select o.id, o.name from initiative_partner p
  join organisation o on o.platform_id = p.platform_id and o.id = p.organisation_id
 where p.platform_id = platform_id() and p.initiative_id = :initiative::uuid
 order by o.name collate "pl-x-icu", o.id;

-- name: read_initiative.presented many when html
select m.slug, coalesce(m.theme, m.title) as meeting_title, m.starts_at, m.time_zone, i.title
  from initiative_item p
  join agenda_item i on i.platform_id = p.platform_id and i.id = p.agenda_item_id
  join meeting m on m.platform_id = i.platform_id and m.id = i.meeting_id
 where p.platform_id = platform_id() and p.initiative_id = :initiative::uuid
 order by m.starts_at, i.position, i.id;

-- name: read_initiative.organisations many when html
select id, name from organisation where platform_id = platform_id() order by name collate "pl-x-icu", id limit 2000;

-- The latest first: what is being presented now is what one looks for.
-- name: read_initiative.agenda_items many when html
select i.id, to_char(m.starts_at at time zone m.time_zone, 'YYYY-MM-DD') || ' · ' || i.title as name
  from agenda_item i
  join meeting m on m.platform_id = i.platform_id and m.id = i.meeting_id
 where i.platform_id = platform_id()
 order by m.starts_at desc, i.position, i.id limit 500;

-- The version is checked here, before setting partners and items raises it.
-- name: update_initiative.locked one
select check_version(version, :if_match::bigint) from initiative where platform_id = platform_id() and id = :initiative::uuid for update;

-- name: update_initiative.partners_set exec
select initiative_set_partners(:initiative::uuid, :partner_ids::jsonb) where :has_partner_ids::bool;

-- name: update_initiative.items_set exec
select initiative_set_items(:initiative::uuid, :agenda_item_ids::jsonb) where :has_agenda_item_ids::bool;

-- name: update_initiative one
update initiative i
   set title = case when :has_title::bool then :title else title end,
       description = case when :has_description::bool then :description else description end,
       status = case when :has_status::bool then :status else status end,
       financing_status = case when :has_financing_status::bool then :financing_status else financing_status end,
       financing = case when :has_financing::bool then :financing else financing end,
       lead_organisation_id = case when :has_lead_organisation_id::bool then :lead_organisation_id::uuid else lead_organisation_id end,
       website = case when :has_website::bool then :website else website end,
       external_id = case when :has_external_id::bool then :external_id else external_id end
 where platform_id = platform_id() and id = :initiative::uuid
returning id, title, description, status, financing_status, financing, lead_organisation_id,
          (select o.name from organisation o where o.platform_id = platform_id() and o.id = i.lead_organisation_id) as lead_organisation,
          (select coalesce(jsonb_agg(p.organisation_id order by p.organisation_id), '[]') from initiative_partner p
            where p.platform_id = platform_id() and p.initiative_id = i.id) as partner_ids,
          (select coalesce(jsonb_agg(a.agenda_item_id order by a.agenda_item_id), '[]') from initiative_item a
            where a.platform_id = platform_id() and a.initiative_id = i.id) as agenda_item_ids,
          website, external_id, version, created_at, updated_at;

-- name: delete_initiative one
delete from initiative where platform_id = platform_id() and id = :initiative::uuid and check_version(version, :if_match::bigint) returning id;
