// demo_server.c: a server with the ways to answer that http/ knows, for test_http_room.py and for measuring.
//
// demo_server [idle seconds]: prints its port, serves until GET /stop or SIGTERM, prints what was in flight.
#include <arpa/inet.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/buffer.h"
#include "base/problem.h"
#include "http/http.h"
#include "loop/loop.h"

static struct http_server *server;
static struct loop *main_loop;
static unsigned sent_count, last_status;
static unsigned long long last_bytes;
static int sources_open;
static int moved; // requests whose texts were elsewhere when they were answered

static void answer_text(struct http_request *request, int status, const char *text)
{
	struct http_response response = {.status = status, .type = "text/plain; charset=utf-8", .body = text, .body_length = strlen(text)};
	http_answer(request, &response);
}

static void plain(struct http_request *request)
{
	answer_text(request, 200, "hello");
}

static void page(struct http_request *request)
{
	struct buffer body;
	buffer_init(&body, request->arena);
	for (int i = 0; i < 700; i++)
		buffer_print(&body, "<p>Paragraph %d of a page.</p>\n", i);
	struct http_response response = {
	    .status = 200, .type = "text/html", .body = body.data, .body_length = body.length, .etag = "\"abc\"", .cache = "private, no-cache"};
	http_set(&response, "Vary", "Accept");
	http_set(&response, "Set-Cookie", "a=1");
	http_set(&response, "Set-Cookie", "b=2");
	http_answer(request, &response);
}

static void echo(struct http_request *request)
{
	struct buffer body;
	buffer_init(&body, request->arena);
	const char *cookie = http_cookie(request, "session"), *header = http_header(request, "x-test");
	buffer_print(&body, "method=%s\npath=%s\nquery=%s\nid=%s\npeer=%s\nlength=%zu\ncookie=%s\nx-test=%s\n\n", request->method,
	    request->path, request->query, request->id, request->peer, request->body_length, cookie ? cookie : "(none)",
	    header ? header : "(none)");
	buffer_add(&body, request->body, request->body_length);
	struct http_response response = {.status = 200, .type = "application/octet-stream", .body = body.data, .body_length = body.length};
	http_answer(request, &response);
}

// What a handler that answers later may have kept of its request.
struct late {
	struct http_request *request;
	const char *method, *id;
};

static void answer_late(void *argument)
{
	const struct late *late = argument;
	struct http_request *request = late->request;
	moved += late->method != request->method || late->id != request->id;
	// The head must still be readable when the client is long gone.
	answer_text(request, 200, arena_print(request->arena, "late %s", http_header(request, "Host")));
}

static void late(struct http_request *request)
{
	struct late *late = arena_alloc(request->arena, sizeof *late);
	*late = (struct late){request, request->method, request->id};
	loop_after(request->loop, atoi(request->query), answer_late, late);
}

// "<kind>:<bytes>": slow sources say "nothing yet" between pieces, broken ones break in the middle.
struct source {
	struct http_request *request;
	long left, breaks_at;
	bool slow, rested;
};

static void more(void *argument)
{
	struct source *source = argument;
	source->rested = true;
	http_more(source->request);
}

static long read_source(void *argument, char *into, size_t room)
{
	struct source *source = argument;
	if (!source->left)
		return HTTP_END;
	if (source->left <= source->breaks_at)
		return HTTP_BROKEN;
	if (source->slow && !source->rested) {
		loop_after(source->request->loop, 2, more, source);
		return 0;
	}
	source->rested = false;
	size_t length = (size_t)source->left < room ? (size_t)source->left : room;
	if (source->slow && length > 100)
		length = 100;
	memset(into, 'x', length);
	source->left -= (long)length;
	return (long)length;
}

static void close_source(void *argument)
{
	(void)argument;
	sources_open--;
}

static void stream(struct http_request *request)
{
	struct source *source = arena_alloc(request->arena, sizeof *source);
	const char *bytes = strchr(request->query, ':');
	source->request = request;
	source->left = bytes ? atol(bytes + 1) : 0;
	source->slow = *request->query == 's';
	source->breaks_at = *request->query == 'b' ? source->left / 2 : 0;
	sources_open++;
	struct http_response response = {.status = 200, .type = "text/csv", .read = read_source, .read_done = close_source, .source = source};
	http_answer(request, &response);
}

static void stats(struct http_request *request)
{
	answer_text(request, 200,
	    arena_print(request->arena, "in_flight=%u sent=%u status=%u bytes=%llu sources=%d moved=%d", http_server_in_flight(server),
	        sent_count, last_status, last_bytes, sources_open, moved));
}

static void nothing(struct http_request *request)
{
	struct http_response response = {.status = 204};
	http_answer(request, &response);
}

static void look_whether_done(void *argument)
{
	if (http_server_in_flight(server) == 0)
		loop_stop(main_loop);
	else
		loop_after(main_loop, 5, look_whether_done, argument);
}

static void stop(struct http_request *request)
{
	http_server_quiesce(server);
	look_whether_done(NULL);
	answer_text(request, 200, "stopping");
}

static void handle(struct http_request *request, void *argument)
{
	static const struct {
		const char *path;
		void (*answer)(struct http_request *);
	} routes[] = {{"/plain", plain}, {"/page", page}, {"/echo", echo}, {"/late", late}, {"/stream", stream}, {"/stats", stats},
	    {"/nothing", nothing}, {"/stop", stop}};
	(void)argument;
	for (size_t i = 0; i < sizeof routes / sizeof *routes; i++)
		if (strcmp(request->path, routes[i].path) == 0) {
			routes[i].answer(request);
			return;
		}
	echo(request);
}

static void refuse_it(struct http_request *request, const struct problem *why, void *argument)
{
	(void)argument;
	const char *body = arena_print(request->arena, "{\"status\":%d,\"detail\":\"%s\"}", problem_status(why->kind), why->detail);
	struct http_response response = {
	    .status = problem_status(why->kind), .type = "application/problem+json", .body = body, .body_length = strlen(body)};
	http_answer(request, &response);
}

static void note_sent(const struct http_request *request, int status, uint64_t bytes, void *argument)
{
	(void)argument;
	if (strcmp(request->path, "/stats") == 0)
		return;
	sent_count++;
	last_status = (unsigned)status;
	last_bytes = bytes;
}

static void terminate(int number)
{
	(void)number;
	loop_stop(main_loop); // NOLINT(bugprone-signal-handler): a flag and a write
}

// Whoever asks for more may send three times as much.
static size_t room_for(const struct http_request *request, void *argument)
{
	(void)argument;
	return strcmp(request->query, "more") == 0 ? 300 * 1000 : 10;
}

int main(int count, char **arguments)
{
	struct http_limits limits = http_default_limits;
	limits.max_body = 100 * 1000;
	limits.idle_seconds = count > 1 ? (unsigned)atoi(arguments[1]) : 60;
	limits.max_connections_per_ip = count > 2 ? (unsigned)atoi(arguments[2]) : 0;
	int listener = http_listen("127.0.0.1", count > 3 ? arguments[3] : "0", true);
	struct sockaddr_in address = {.sin_family = AF_INET};
	socklen_t length = sizeof address;
	if (listener < 0 || getsockname(listener, (struct sockaddr *)&address, &length) != 0) {
		perror("listen");
		return 1;
	}
	main_loop = loop_new();
	server = main_loop ? http_server_new(main_loop, listener, &limits, &(struct http_calls){handle, refuse_it, note_sent, room_for, NULL})
	                   : NULL;
	if (!server)
		return 1;
	signal(SIGTERM, terminate);
	printf("%d\n", ntohs(address.sin_port));
	fflush(stdout);
	loop_run(main_loop);
	printf("in_flight=%u\n", http_server_in_flight(server));
	http_server_free(server);
	loop_free(main_loop);
	return 0;
}
