// json.c: a table as JSON, for whoever keeps it.
#include <string.h>
#include <unicode/utf8.h>

#include "base/arena.h"
#include "base/buffer.h"
#include "ingest/inside.h"

// RFC 8259, section 7; the texts have no control characters but line feeds.
static void put_string(struct buffer *out, const char *text)
{
	buffer_putc(out, '"');
	for (size_t plain; *text; text += *text != '\0') {
		plain = strcspn(text, "\"\\\n");
		buffer_add(out, text, plain);
		text += plain;
		if (*text == '\n')
			buffer_puts(out, "\\n");
		else if (*text)
			buffer_print(out, "\\%c", *text);
	}
	buffer_putc(out, '"');
}

void ingest_json(struct buffer *out, const struct ingest_table *table)
{
	buffer_putc(out, '[');
	for (int i = 0; i < table->rows; i++) {
		const struct ingest_row *row = &table->row[i];
		buffer_print(out, "%s[%d", i ? "," : "", row->number);
		for (int column = 0; column < row->cells; column++) {
			buffer_putc(out, ',');
			put_string(out, row->cell[column]);
		}
		buffer_putc(out, ']');
	}
	buffer_putc(out, ']');
}

void ingest_json_texts(struct buffer *out, const char *const *texts, int count)
{
	buffer_putc(out, '[');
	for (int i = 0; i < count; i++) {
		buffer_puts(out, i ? "," : "");
		put_string(out, texts[i]);
	}
	buffer_putc(out, ']');
}

static void put_member(struct buffer *out, const char *name, const char *text)
{
	if (!text)
		return;
	buffer_print(out, "\"%s\":", name);
	put_string(out, text);
	buffer_putc(out, ',');
}

void ingest_json_found(struct buffer *out, const struct ingest_table *table, const struct ingest_field *fields)
{
	static const char *const formats[] = {[INGEST_CSV] = "csv", [INGEST_ADDRESSES] = "addresses", [INGEST_XLSX] = "xlsx"};
	bool has_header = ingest_has_header(table, fields);
	struct arena *arena = arena_new();
	buffer_putc(out, '{');
	put_member(out, "format", formats[table->format]);
	put_member(out, "encoding", table->encoding);
	put_member(out, "separator", table->separator);
	put_member(out, "sheet", table->sheet);
	buffer_print(out, "\"hidden_rows\":%d,\"with_header\":%s,\"mapping\":", table->hidden_rows, has_header ? "true" : "false");
	ingest_json_texts(out, ingest_mapping(table, fields, has_header, arena), table->columns);
	buffer_putc(out, '}');
	arena_free(arena);
}

const char *ingest_text(struct arena *arena, const char *text, size_t most)
{
	size_t length = strlen(text);
	if (length > most) {
		int32_t end = (int32_t)most;
		U8_SET_CP_START((const uint8_t *)text, 0, end);
		length = (size_t)end;
	}
	return cell_clean(arena, text, length);
}
