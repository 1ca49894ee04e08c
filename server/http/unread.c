// unread.c: a request that libmicrohttpd refuses by itself is refused in our words too.
//
// A head that does not fit into a connection's memory, or a length or chunk that makes no sense, it answers with a page of its own, and
// has no setting for that. But it queues that page by its public function and through the linker, which finds the one below first. A
// build of it that binds the call to itself keeps its page: nothing else depends on this.
#include <dlfcn.h>
#include <stdlib.h>
#include <sys/socket.h>

#include "base/arena.h"

#include "http/exchange.h"

typedef enum MHD_Result queue_function(struct MHD_Connection *mhd, unsigned status, struct MHD_Response *reply);

static queue_function *queue_theirs;

__attribute__((constructor)) static void find_theirs(void)
{
	queue_theirs = (queue_function *)dlsym(RTLD_NEXT, "MHD_queue_response");
	if (!queue_theirs)
		abort();
}

static const struct {
	unsigned status;
	struct problem why;
} refusals[] = {
    {400, {.kind = PROBLEM_BAD_REQUEST, .detail = "The request is malformed."}},
    {413, {.kind = PROBLEM_TOO_LARGE, .detail = "The body is larger than this server takes.", .code = "body_too_large"}},
    {414, {.kind = PROBLEM_URI_TOO_LONG, .detail = "The address is longer than this server reads."}},
    {431, {.kind = PROBLEM_HEADERS_TOO_BIG, .detail = "The headers are larger than this server reads."}},
    {505, {.kind = PROBLEM_BAD_REQUEST, .detail = "This server speaks HTTP/1.1 and HTTP/1.0."}},
};

static const struct problem *why_refused(unsigned status)
{
	for (size_t i = 0; i < sizeof refusals / sizeof *refusals; i++)
		if (refusals[i].status == status)
			return &refusals[i].why;
	return NULL;
}

static enum MHD_Result add_line(void *head, enum MHD_ValueKind kind, const char *name, const char *value)
{
	(void)kind;
	buffer_print(head, "%s: %s\r\n", name, value);
	return MHD_YES;
}

// The connection ends with this. libmicrohttpd 0.9 would send the head of some of these twice, so it is only told to close.
static void send_refusal(const struct exchange *exchange, int socket)
{
	struct buffer answer;
	buffer_init(&answer, exchange->request.arena);
	buffer_print(&answer, "HTTP/1.1 %d %s\r\nConnection: close\r\nContent-Length: %zu\r\n", exchange->status,
	    MHD_get_reason_phrase_for((unsigned)exchange->status), exchange->whole_length);
	MHD_get_response_headers(exchange->reply, add_line, &answer);
	buffer_puts(&answer, "\r\n");
	buffer_add(&answer, exchange->whole, exchange->whole_length);
	send(socket, answer.data, answer.length, MSG_NOSIGNAL | MSG_DONTWAIT);
	shutdown(socket, SHUT_WR);
}

enum MHD_Result MHD_queue_response(struct MHD_Connection *mhd, unsigned status, struct MHD_Response *reply)
{
	struct connection *connection = MHD_get_connection_info(mhd, MHD_CONNECTION_INFO_SOCKET_CONTEXT)->socket_context;
	const struct problem *why = why_refused(status);
	if (!connection || !why || (connection->exchange && connection->exchange->state > EXCHANGE_BODY))
		return queue_theirs(mhd, status, reply);
	// Without a request line there is nothing yet that libmicrohttpd would tell us the end of.
	struct exchange *unread = connection->exchange ? NULL : exchange_new(connection, mhd, "/");
	struct exchange *exchange = unread ? unread : connection->exchange;
	if (exchange->state == EXCHANGE_HEAD)
		exchange_read_nothing(exchange);
	exchange->why = *why;
	exchange_hand_over(exchange);
	bool answered = exchange->state == EXCHANGE_ANSWERED && exchange->reply && exchange->whole;
	if (answered)
		send_refusal(exchange, connection->socket);
	if (answered && unread)
		exchange_free(unread);
	return answered ? MHD_NO : queue_theirs(mhd, status, reply);
}
