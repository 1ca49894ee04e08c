// export_file.c: a whole workbook goes out, at once or from the shelf.
#include <sys/stat.h>
#include <unistd.h>

#include "base/arena.h"
#include "export.h"
#include "serve.h"
#include "shelf.h"

struct sending {
	int descriptor;
	off_t at;
};

static long give(void *source, char *into, size_t room)
{
	struct sending *sending = source;
	ssize_t length = pread(sending->descriptor, into, room, sending->at);
	if (length <= 0)
		return length == 0 ? HTTP_END : HTTP_BROKEN;
	sending->at += length;
	return length;
}

static void sent(void *source)
{
	const struct sending *sending = source;
	close(sending->descriptor);
}

static void describe(struct visit *visit, struct http_response *response, int descriptor, const char *file_name)
{
	struct stat file = {0};
	struct sending *sending = arena_alloc(visit->arena, sizeof *sending);
	sending->descriptor = descriptor;
	fstat(descriptor, &file);
	response->body_length = (size_t)file.st_size; // so that a browser can say how long it will take
	response->read = give;
	response->read_done = sent;
	response->source = sending;
	response->type = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
	const char *plain = visit->plan.download ? "narada.xlsx" : arena_print(visit->arena, "%s.xlsx", answer_plain_name(visit));
	http_set(response, "Content-Disposition", sheets_disposition(visit->arena, plain, file_name));
}

void export_send(struct visit *visit, int descriptor, const char *file_name)
{
	struct http_response response = {.status = 200};
	answer_caching(visit, &response);
	describe(visit, &response, descriptor, file_name);
	http_answer(visit->request, &response);
}

bool export_kept(struct visit *visit, struct http_response *response)
{
	struct shelf_file file = {.platform = visit->access.platform, .hash = visit->access.hash};
	if (visit->plan.download == NULL || !shelf_take(visit->service->shelf, visit->plan.download, &file, visit->arena))
		return refuse(&visit->why, PROBLEM_NOT_FOUND, "This file is not kept any more. Make it again.", "file_gone");
	describe(visit, response, file.descriptor, file.name);
	return true;
}
