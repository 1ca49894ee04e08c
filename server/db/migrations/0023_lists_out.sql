-- 0023_lists_out.sql: people in the order in which every list has them, so that a page of the register, or the first rows of a file, need not wait until all of a
-- platform's people are sorted.
set local role narada_owner;
set local search_path = narada;

create index person_by_name on person (platform_id, (coalesce(sort_name, name)) collate "pl-x-icu", id);

reset role;
