// stream.c: a list as CSV or cards, or a document, through the streaming lane: rows are written as they come, in constant memory, however
// many.
#include "serve.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/buffer.h"
#include "base/rows.h"
#include "represent/represent.h"

// Between these the database is read ahead of a slow client.
enum { ENOUGH = 256 * 1024, LITTLE = 64 * 1024 };

struct stream {
	struct visit *visit;
	struct db_stream *rows; // NULL once its end was reported
	struct represent_csv how;
	struct represent_sheet sheet;
	struct buffer waiting; // written but not yet taken by the client; malloc'd, so that it does not grow the arena
	size_t taken;
	bool answered, ended, broken;
	bool hungry; // http asked for bytes and got none
	bool paused;
};

static void drop_buffer(void *buffer)
{
	buffer_done(buffer);
}

static long give(void *source, char *into, size_t room)
{
	struct stream *stream = source;
	size_t left = stream->waiting.length - stream->taken, size = left < room ? left : room;
	if (left == 0 && (stream->ended || stream->broken))
		return stream->broken ? HTTP_BROKEN : HTTP_END;
	if (left == 0) {
		stream->hungry = true;
		return 0;
	}
	memcpy(into, stream->waiting.data + stream->taken, size);
	stream->taken += size;
	if (size == left) {
		buffer_clear(&stream->waiting);
		stream->taken = 0;
	}
	if (stream->paused && left - size < LITTLE && stream->rows != NULL) {
		stream->paused = false;
		db_stream_pause(stream->rows, false);
	}
	return (long)size;
}

static void client_gone(void *source)
{
	struct stream *stream = source;
	if (stream->rows != NULL)
		db_stream_cancel(stream->rows);
	stream->rows = NULL;
}

static void answer(struct stream *stream)
{
	struct visit *visit = stream->visit;
	struct http_response response = {.status = 200, .read = give, .read_done = client_gone, .source = stream};
	if (visit->form == FORM_BYTES)
		document_headers(visit, &response);
	else
		sheets_headers(visit, &response, contract_medium_of(visit->form)->suffix + 1);
	stream->answered = true;
	http_answer(visit->request, &response);
}

static void feed(struct stream *stream)
{
	if (!stream->hungry)
		return;
	stream->hungry = false;
	http_more(stream->visit->request);
}

static void stop_reading(struct stream *stream)
{
	db_stream_cancel(stream->rows);
	stream->rows = NULL;
}

// With the first rows it is known which columns there are: whether those wanted are among them, and what stands above all.
static bool begin(struct stream *stream, const struct rows *piece)
{
	struct visit *visit = stream->visit;
	visit->batch.ok = true; // the statements before this one have worked
	struct represent_wish wish = sheets_wish(visit);
	bool is_table = (visit->form & (FORM_CSV | FORM_XLSX)) != 0; // of a workbook only the head is asked for here
	bool known = act_outcome(visit) && (!is_table || represent_sheet_plan(&stream->sheet, piece, &wish, visit->arena, &visit->why));
	if (!known || visit->match.head)
		stop_reading(stream);
	if (!known) {
		refusal_answer(visit);
		return false;
	}
	stream->ended = visit->match.head;
	if (visit->form == FORM_CSV)
		represent_csv_header(&stream->waiting, &stream->sheet, &stream->how);
	answer(stream);
	return !visit->match.head;
}

static void write_rows(struct stream *stream, const struct rows *piece)
{
	struct represent_links links = answer_links(stream->visit);
	struct arena *scratch = arena_new();
	if (stream->visit->form == FORM_BYTES)
		document_write(&stream->waiting, piece);
	else if (stream->visit->form == FORM_VCF)
		represent_cards(&stream->waiting, piece, scratch);
	else
		represent_csv_rows(&stream->waiting, &stream->sheet, piece, &stream->how, &links, scratch);
	arena_free(scratch);
}

static void rows_came(const struct rows *piece, void *argument)
{
	struct stream *stream = argument;
	if (!stream->answered && !begin(stream, piece))
		return;
	write_rows(stream, piece);
	if (!stream->paused && stream->waiting.length - stream->taken > ENOUGH && stream->rows != NULL) {
		stream->paused = true;
		db_stream_pause(stream->rows, true);
	}
	feed(stream);
}

static void rows_ended(const struct problem *why, void *argument)
{
	struct stream *stream = argument;
	stream->rows = NULL;
	if (why != NULL && !stream->answered) {
		stream->visit->why = *why;
		refusal_answer(stream->visit);
		return;
	}
	stream->ended = why == NULL;
	stream->broken = why != NULL; // the head is gone already: cutting the connection is the only honest sign left
	if (!stream->answered)
		answer(stream);
	feed(stream);
}

void stream_answer(struct visit *visit)
{
	struct stream *stream = arena_alloc(visit->arena, sizeof *stream);
	stream->visit = visit;
	stream->how = sheets_csv(visit);
	buffer_init(&stream->waiting, NULL);
	arena_defer(visit->arena, drop_buffer, &stream->waiting);
	// A row of a document's is as large as a thousand of a list's.
	struct db_stream_calls calls = {.rows = rows_came, .end = rows_ended, .argument = stream, .max_rows = visit->form == FORM_BYTES};
	stream->rows = db_stream_open(visit->loop->db, &visit->batch, &calls, &visit->why);
	if (stream->rows == NULL)
		refusal_answer(visit);
}
