// unread.c: a request that libmicrohttpd refuses before it calls us is refused in our words too.
//
// A head that does not fit into a connection's memory, or whose length makes no sense, it answers with a page of its own, and has no
// setting for that. But it queues that page by its public function and through the linker, which finds the one below first. A build of
// it that binds the call to itself keeps its page: nothing else depends on this.
#include <dlfcn.h>
#include <stdlib.h>

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
    {400, {.kind = PROBLEM_BAD_REQUEST, .detail = "The request's head is malformed."}},
    {413, {.kind = PROBLEM_TOO_LARGE, .detail = "The body is larger than this server takes."}},
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

// The request line may not have been read: then there is nothing yet that libmicrohttpd would tell us the end of, and the connection,
// which is closed after this, keeps it.
static struct exchange *exchange_for(struct connection *connection, struct MHD_Connection *mhd)
{
	if (connection->exchange)
		return connection->exchange;
	connection->unread = exchange_new(connection, mhd, "/");
	return connection->unread;
}

enum MHD_Result MHD_queue_response(struct MHD_Connection *mhd, unsigned status, struct MHD_Response *reply)
{
	struct connection *connection = MHD_get_connection_info(mhd, MHD_CONNECTION_INFO_SOCKET_CONTEXT)->socket_context;
	const struct problem *why = why_refused(status);
	bool ours = !connection || connection->unread || (connection->exchange && connection->exchange->state != EXCHANGE_HEAD);
	if (ours || !why)
		return queue_theirs(mhd, status, reply);
	struct exchange *exchange = exchange_for(connection, mhd);
	exchange_read_nothing(exchange);
	exchange->why = *why;
	exchange_hand_over(exchange);
	if (exchange->state != EXCHANGE_ANSWERED || !exchange->reply)
		return queue_theirs(mhd, status, reply);
	exchange->state = EXCHANGE_QUEUED;
	enum MHD_Result queued = queue_theirs(mhd, (unsigned)exchange->status, exchange->reply);
	MHD_destroy_response(exchange->reply); // the connection has its own hold on it
	return queued;
}
