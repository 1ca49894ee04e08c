// rows.c: results as the encoders see them.
#include <stdlib.h>

#include "base/arena.h"
#include "db/pool.h"

// The types that are not shown as strings, by the OIDs that PostgreSQL fixes for good.
static const struct {
	Oid type;
	enum column_kind kind;
} kinds[] = {
    {16, COLUMN_BOOL},     // bool
    {20, COLUMN_NUMBER},   // int8
    {21, COLUMN_NUMBER},   // int2
    {23, COLUMN_NUMBER},   // int4
    {114, COLUMN_JSON},    // json
    {700, COLUMN_NUMBER},  // float4
    {701, COLUMN_NUMBER},  // float8
    {1184, COLUMN_TIME},   // timestamptz
    {1700, COLUMN_NUMBER}, // numeric
    {3802, COLUMN_JSON},   // jsonb
};

static enum column_kind kind_of(Oid type)
{
	for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
		if (kinds[i].type == type)
			return kinds[i].kind;
	return COLUMN_TEXT;
}

static const char *value(const struct rows *rows, int row, int column)
{
	const PGresult *result = rows->source;

	return PQgetisnull(result, row, column) ? NULL : PQgetvalue(result, row, column);
}

static void drop(void *result)
{
	PQclear(result);
}

struct column *columns_from_result(const PGresult *result, struct arena *arena)
{
	int count = PQnfields(result);
	struct column *column = arena_alloc(arena, (size_t)(count ? count : 1) * sizeof *column);

	for (int i = 0; i < count; i++)
		column[i] = (struct column){PQfname(result, i), kind_of(PQftype(result, i))};
	return column;
}

void rows_from_result(struct rows *rows, PGresult *result, struct arena *arena)
{
	*rows = (struct rows){.changed = strtol(PQcmdTuples(result), NULL, 10)};
	arena_defer(arena, drop, result);
	if (PQresultStatus(result) != PGRES_TUPLES_OK)
		return;
	rows->count = PQntuples(result);
	rows->columns = PQnfields(result);
	rows->column = columns_from_result(result, arena);
	rows->source = result;
	rows->value = value;
}
