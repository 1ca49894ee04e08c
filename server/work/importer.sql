-- importer.sql: how lists are run: server/work/importer.c. What the functions do is in server/db/migrations/0012_imports.sql.

-- name: importer_step
select * from narada.import_step();

-- name: importer_enter
select narada.import_enter(:platform::uuid);

-- name: importer_reread
select narada.import_reread(:import::uuid, :version::bigint, :found::jsonb, :rows::jsonb, :why);
