-- janitor.sql: what the janitor does: server/work/janitor.c.

-- name: sweep
select narada.sweep_credentials() as swept, narada.sweep_registrations() as registrations, narada.sweep_imports() as imports, narada.sweep_outbox() as mails, narada.sweep_incoming_mail() as incoming;
