-- audit.sql: who changed what, the latest first. Says which members were sent, never what they held.

-- name: list_audit many
select id, at, operation, path, actor, account_id, request_id, detail, jsonb_build_array(id) as _cursor
  from audit_event
 where platform_id = platform_id()
   and (:operation::text is null or operation = :operation)
   and (:q::text is null or fold(actor || ' ' || operation || ' ' || path) like all (search_words(:q)))
   and (:after::jsonb is null or id < (:after::jsonb->>0)::uuid)
 order by id desc
 limit :limit::int + 1;

-- name: list_audit.operations many when html
select operation as name, operation = :operation as selected from audit_event where platform_id = platform_id() group by operation order by operation;
