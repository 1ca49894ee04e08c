-- 0008_meeting_address.sql: a meeting's address may not look like an id, since `{meeting}` is one or the other: it would never be found.
create or replace function meeting_check(slug text, starts_at timestamptz, ends_at timestamptz, venue uuid, host uuid, series uuid) returns void language plpgsql stable as $$
begin
    if meeting_check.slug in ('new', 'edit') then
        perform refuse(409, 'This address is a page of the service itself.', 'meeting_slug_taken', 'slug');
    elsif meeting_check.slug ~ '^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$' then
        perform refuse(422, 'An address can not look like an id.', 'meeting_slug_is_an_id', 'slug');
    elsif meeting_check.ends_at <= meeting_check.starts_at then
        perform refuse(422, 'A meeting ends after it starts.', 'meeting_ends_before_start', 'ends_at');
    elsif venue is not null and not exists (select from venue v where v.platform_id = platform_id() and v.id = meeting_check.venue) then
        perform refuse(422, 'There is no such venue.', 'meeting_venue', 'venue_id');
    elsif host is not null and not exists (select from organisation o where o.platform_id = platform_id() and o.id = meeting_check.host) then
        perform refuse(422, 'There is no such organisation.', 'meeting_host', 'host_organisation_id');
    elsif series is not null and not exists (select from series s where s.platform_id = platform_id() and s.id = meeting_check.series) then
        perform refuse(422, 'There is no such series.', 'meeting_series', 'series_id');
    end if;
end
$$;
