// export.c: lists as a workbook: rows by the streaming lane, cells on a thread of the pool, and the file when it is whole.
//
// The loop takes rows and hands them over in pieces; when a few wait, the database waits too. A thread of the pool has the workbook and one
// handful of pieces at a time, so that other work gets its turn. An export outlives its request where the reader of its page leaves while
// the pool is at it.
#include "export.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/rows.h"
#include "loop/loop.h"
#include "loop/pool.h"
#include "represent/workbook.h"
#include "serve.h"
#include "shelf.h"

enum { ENOUGH = 6, RETRY_MS = 50, LONG = 5000 };

// Rows copied out of the database's hands; one block of memory.
struct piece {
	struct piece *next;
	struct rows rows;
	const char *cell[];
};

// What the pool is to do, and what came of it. Meanwhile the loop does not touch it, nor the workbook.
struct work {
	struct piece *pieces;
	const struct represent_sheet *sheet; // to begin with them, or NULL
	const char *sheet_name;
	bool upright, finish;
	bool full, broken;
};

struct export
{
	struct arena *arena; // its own
	struct visit *visit; // NULL: whoever asked has left
	struct serve_loop *loop;
	struct visit *part;           // whose rows come: the visit itself, or one made for another list of the same meeting
	const char *const *next_list; // operations whose lists follow
	struct represent_links links;
	struct represent_workbook_about about;
	struct represent_workbook *book;
	int file;
	struct db_stream *rows;
	const struct column *column;
	struct work coming; // the next piece of work
	struct piece **last;
	int waiting;       // pieces in it
	bool begun, ended; // of the part's rows
	bool paused, busy, over;
	struct work work;
	uint64_t retry;
	long came, written; // rows
	const char *file_name;
	struct export_page *page;
};

static void go_on(struct export *export);

static void drop_pieces(struct piece *piece)
{
	while (piece != NULL) {
		struct piece *next = piece->next;
		free(piece);
		piece = next;
	}
}

static void export_free(struct export *export)
{
	loop_cancel(export->loop->loop, export->retry);
	drop_pieces(export->coming.pieces);
	represent_workbook_abandon(export->book);
	if (export->file >= 0)
		close(export->file);
	export->loop->exports--;
	arena_free(export->arena);
}

// No more rows are wanted; what the pool has in hand it finishes.
static void stop(struct export *export)
{
	if (export->rows != NULL)
		db_stream_cancel(export->rows);
	export->rows = NULL;
	export->over = true;
	if (!export->busy)
		export_free(export);
}

static void fail(struct export *export, const struct problem *why)
{
	struct visit *visit = export->visit;
	export->visit = NULL;
	if (visit != NULL && export->page != NULL) {
		export_page_failed(export->page, why);
	} else if (visit != NULL) {
		visit->why = *why;
		refusal_answer(visit);
	}
	stop(export);
}

static void fail_for(struct export *export, enum problem_kind kind, const char *detail, const char *code)
{
	struct problem why = {0};
	refuse(&why, kind, detail, code);
	fail(export, &why);
}

static void page_left(void *argument)
{
	struct export *export = argument;
	export->visit = NULL;
	export->page = NULL;
	stop(export);
}

// ── On a thread of the pool ──

static const char *directory(void)
{
	const char *wanted = getenv("TMPDIR");
	if (wanted != NULL && *wanted != '\0')
		return wanted;
	return access("/var/tmp", W_OK) == 0 ? "/var/tmp" : "/tmp"; // /tmp is often memory
}

static int nameless_file(const char *where, struct arena *arena)
{
	char *path = arena_print(arena, "%s/narada-XXXXXX", where);
	int descriptor = mkostemp(path, O_CLOEXEC);
	if (descriptor >= 0)
		unlink(path);
	return descriptor;
}

static bool open_book(struct export *export)
{
	if (export->book != NULL)
		return true;
	export->about.directory = directory();
	export->file = nameless_file(export->about.directory, export->arena);
	export->book = export->file >= 0 ? represent_workbook_open(export->file, &export->about) : NULL;
	return export->book != NULL;
}

static void do_work(void *argument)
{
	struct export *export = argument;
	struct work *work = &export->work;
	work->broken = !open_book(export) ||
	               (work->sheet != NULL && !represent_workbook_sheet(export->book, work->sheet_name, work->sheet, work->upright));
	for (const struct piece *piece = work->pieces; piece != NULL && !work->broken && !work->full; piece = piece->next)
		work->full = !represent_workbook_rows(export->book, &piece->rows, &export->links);
	if (!work->finish || work->broken || work->full)
		return;
	work->broken = !represent_workbook_close(export->book);
	export->book = NULL;
}

// ── On the loop ──

static void deliver(struct export *export)
{
	struct visit *visit = export->visit;
	int file = export->file;
	export->file = -1;
	export->visit = NULL;
	if (export->page == NULL) {
		export_send(visit, file, export->file_name);
	} else {
		const struct shelf_file kept = {file, export->file_name, visit->access.platform, visit->access.hash};
		const char *id = shelf_put(export->loop->service->shelf, &kept, visit->arena);
		export_page_ready(
		    export->page, arena_print(visit->arena, "/platforms/%s/downloads/%s.xlsx", visit->access.platform, id), export->written);
	}
	stop(export);
}

static bool may_wait(const struct visit *visit)
{
	const char *progress = plan_query(&visit->plan, "progress");
	return progress != NULL && strcmp(progress, "true") == 0;
}

static void worked(void *argument)
{
	struct export *export = argument;
	struct work done = export->work;
	export->busy = false;
	for (const struct piece *piece = done.pieces; piece != NULL; piece = piece->next)
		export->written += piece->rows.count;
	drop_pieces(done.pieces);
	if (export->over)
		export_free(export);
	else if (done.broken)
		fail_for(export, PROBLEM_BROKEN, "The temporary files of a workbook could not be written.", NULL);
	else if (done.full)
		fail_for(export, PROBLEM_BAD_INPUT,
		    "A sheet of a workbook holds 1,048,576 rows, and this list has more. Filter it, or take the CSV.", "too_many_rows");
	else if (done.finish)
		deliver(export);
	else {
		if (export->page != NULL)
			export_page_rows(export->page, export->written);
		go_on(export);
	}
}

static void try_again(void *argument)
{
	struct export *export = argument;
	export->retry = 0;
	go_on(export);
}

static void hand_over(struct export *export)
{
	export->work = export->coming;
	export->coming = (struct work){0};
	export->last = &export->coming.pieces;
	export->waiting = 0;
	export->busy = pool_run(export->loop->service->pool, export->loop->loop, do_work, worked, export);
	if (export->busy)
		return;
	// The pool has more to do than it may keep waiting: later.
	export->coming = export->work;
	for (; *export->last != NULL; export->last = &(*export->last)->next)
		export->waiting++;
	export->retry = loop_after(export->loop->loop, RETRY_MS, try_again, export);
}

static void copy_row(struct piece *piece, const struct rows *rows, int row, char **at)
{
	for (int column = 0; column < rows->columns; column++) {
		const char *value = rows->value(rows, row, column);
		piece->cell[row * rows->columns + column] = value ? *at : NULL;
		if (value != NULL)
			*at = stpcpy(*at, value) + 1;
	}
}

static const char *cell_of(const struct rows *rows, int row, int column)
{
	const struct piece *piece = rows->source;
	return piece->cell[row * rows->columns + column];
}

static struct piece *piece_of(const struct rows *rows, const struct column *column)
{
	size_t cells = (size_t)rows->count * (size_t)rows->columns, bytes = 0;
	for (int row = 0; row < rows->count; row++) {
		for (int i = 0; i < rows->columns; i++) {
			const char *value = rows->value(rows, row, i);
			bytes += value ? strlen(value) + 1 : 0;
		}
	}
	struct piece *piece = malloc(sizeof *piece + cells * sizeof piece->cell[0] + bytes);
	if (piece == NULL)
		abort();
	piece->next = NULL;
	piece->rows = (struct rows){.count = rows->count, .columns = rows->columns, .column = column, .source = piece, .value = cell_of};
	char *at = (char *)(piece->cell + cells);
	for (int row = 0; row < rows->count; row++)
		copy_row(piece, rows, row, &at);
	return piece;
}

// The pool reads the columns after the request may have gone.
static const struct column *columns_of(const struct rows *rows, struct arena *arena)
{
	struct column *column = arena_alloc(arena, sizeof *column * (size_t)rows->columns);
	for (int i = 0; i < rows->columns; i++)
		column[i] = (struct column){arena_copy(arena, rows->column[i].name), rows->column[i].kind};
	return column;
}

static void describe(struct export *export)
{
	const struct visit *visit = export->visit;
	struct arena *arena = export->arena;
	const struct represent_links links = answer_links(visit);
	export->links = (struct represent_links){links.key, links.base_url, arena_copy(arena, links.platform)};
	const char *language = sheets_language(visit);
	const char *title = represent_sheet_title(sheets_name(visit), language ? language : language_of(visit));
	const struct rows *entered = act_entered(visit);
	export->about = (struct represent_workbook_about){.title = arena_print(arena, "%s – %s", sheets_title(visit), title),
	    .author = arena_copy(arena, entered ? rows_text(entered, 0, "platform_name") : NULL),
	    .created = time(NULL),
	    .time_zone = arena_copy(arena, sheets_time_zone(visit))};
	export->file_name = arena_copy(arena, sheets_file_name(visit, "xlsx"));
}

// The first rows of a part: whether the columns wanted are among them, and a sheet for them.
static bool begin_sheet(struct export *export, const struct rows *piece)
{
	struct visit *part = export->part;
	struct represent_sheet *sheet = arena_alloc(export->arena, sizeof *sheet);
	part->batch.ok = true; // the statements before this one have worked
	struct represent_wish wish = sheets_wish(part);
	wish.language = sheets_language(export->visit);
	if (!act_outcome(part) || !represent_sheet_plan(sheet, piece, &wish, export->arena, &part->why))
		return false;
	if (part == export->visit)
		describe(export);
	const char *language = wish.language ? wish.language : language_of(export->visit);
	export->begun = true;
	export->column = columns_of(piece, export->arena);
	export->coming.sheet = sheet;
	export->coming.upright = act_streamed(part)->shape != SHAPE_MANY;
	// The first sheet of a meeting is the meeting's own.
	export->coming.sheet_name =
	    represent_sheet_title(export->coming.upright ? "meeting" : arena_copy(export->arena, sheets_name(part)), language);
	return true;
}

static void rows_came(const struct rows *piece, void *argument)
{
	struct export *export = argument;
	if (!export->begun && !begin_sheet(export, piece)) {
		fail(export, &export->part->why);
		return;
	}
	export->came += piece->count;
	if (export->page == NULL && export->came >= LONG && may_wait(export->visit))
		export->page = export_page_open(export->visit, export->file_name, page_left, export);
	struct piece *copy = piece_of(piece, export->column);
	*export->last = copy;
	export->last = &copy->next;
	if (++export->waiting >= ENOUGH && !export->paused) {
		export->paused = true;
		db_stream_pause(export->rows, true);
	}
	go_on(export);
}

static void rows_ended(const struct problem *why, void *argument)
{
	struct export *export = argument;
	export->rows = NULL;
	export->ended = true;
	if (why != NULL)
		fail(export, why);
	else
		go_on(export);
}

static void read_part(struct export *export, struct visit *part)
{
	struct db_stream_calls calls = {.rows = rows_came, .end = rows_ended, .argument = export};
	export->part = part;
	export->begun = export->ended = export->paused = false;
	export->rows = db_stream_open(export->loop->db, &part->batch, &calls, &part->why);
	if (export->rows == NULL)
		fail(export, &part->why);
}

static const struct contract_operation *operation_of(const char *id)
{
	int i = 0;
	while (i < contract_operation_count && strcmp(contract_operations[i].id, id) != 0)
		i++;
	return i < contract_operation_count ? &contract_operations[i] : NULL;
}

// The same caller's GET of another list of the meeting, whole and without filters.
static struct visit *list_visit(struct visit *whole, const struct contract_operation *operation)
{
	struct contract_request nothing = {.query = "", .body = ""};
	struct visit *part = arena_alloc(whole->arena, sizeof *part);
	*part = *whole;
	part->operation = part->match.operation = operation;
	part->plan.input = &part->input;
	part->input = (struct contract_input){0};
	db_batch_init(&part->batch, part->arena);
	if (!contract_check(&part->input, &part->match, &nothing, part->arena, &part->why))
		abort(); // both have the same path, and a list needs nothing else
	act_plan(part);
	return part;
}

static void read_next(struct export *export)
{
	const struct contract_operation *operation = operation_of(*export->next_list++);
	read_part(export, list_visit(export->visit, operation));
}

static void go_on(struct export *export)
{
	if (export->busy || export->over || export->retry != 0)
		return;
	bool last = export->next_list == NULL || *export->next_list == NULL;
	if (export->waiting == 0 && !export->ended)
		return;
	if (export->page == NULL && http_left(export->visit->request)) {
		fail_for(export, PROBLEM_BUSY, "Nobody waits for this any more.", NULL);
		return;
	}
	if (export->waiting == 0 && !last) {
		read_next(export);
		return;
	}
	export->coming.finish = export->ended && last;
	hand_over(export);
	if (export->paused && export->waiting == 0 && export->rows != NULL) {
		export->paused = false;
		db_stream_pause(export->rows, false);
	}
}

void export_answer(struct visit *visit)
{
	// The lists of a meeting's workbook, in the order of its sheets.
	static const char *const lists[] = {
	    "list_agenda", "list_speakers", "list_invitations", "list_attendees", "list_attendance", "list_answers", NULL};
	struct arena *arena = arena_new();
	struct export *export = arena_alloc(arena, sizeof *export);
	*export = (struct export){.arena = arena, .visit = visit, .loop = visit->loop, .file = -1};
	export->last = &export->coming.pieces;
	if (strcmp(visit->operation->id, "read_workbook") == 0)
		export->next_list = lists;
	visit->loop->exports++;
	read_part(export, visit);
}
