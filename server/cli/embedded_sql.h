// embedded_sql.h: the SQL files that tools/embed_sql.py put into the binary.
#pragma once

#include "db/migrate.h"

extern const struct migration embedded_migrations[];
extern const int embedded_migration_count;
extern const char embedded_demo[];
