// importer.h: runs the lists that organisers uploaded, step by step, woken by who starts one.
//
// Room rules: uses ingest/, loop/, db/, base/. A background job as janitor.h describes. A step is one transaction of some hundred rows that
// holds the import's row, so several processes may each have an importer. A list to be read again, in another encoding or separator, is
// read here as well: its bytes come in one transaction and its rows go in another, which does nothing if somebody else was faster.
#pragma once

#include <stdbool.h>

struct db;
struct db_statement;
struct importer;
struct loop;

// The statements of importer.sql.
struct importer_statements {
	const struct db_statement *step, *enter, *reread;
};

// The loop and the database must outlive it.
struct importer *importer_new(struct loop *loop, struct db *db, const struct importer_statements *statements);
void importer_wake(struct importer *importer); // a list waits; on the loop's thread
void importer_stop(struct importer *importer); // no further steps; accepts NULL
bool importer_idle(const struct importer *importer);
void importer_free(struct importer *importer); // must be idle; accepts NULL
