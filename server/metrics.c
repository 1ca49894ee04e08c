// metrics.c: counters that only their loop writes, and their sum in Prometheus' text format.
#include "metrics.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/buffer.h"
#include "contract/contract.h"
#include "serve.h"

static const int64_t bucket_us[METRICS_BUCKETS - 1] = {
    500, 1000, 2500, 5000, 10000, 25000, 50000, 100000, 250000, 500000, 1000000, 5000000};

// One writer per counter: a relaxed load and store is an increment, without the bus lock of an atomic one.
static void add(uint64_t *counter, uint64_t more)
{
	__atomic_store_n(counter, __atomic_load_n(counter, __ATOMIC_RELAXED) + more, __ATOMIC_RELAXED);
}

static uint64_t read_counter(const uint64_t *counter)
{
	return __atomic_load_n(counter, __ATOMIC_RELAXED);
}

void metrics_init(struct metrics *metrics)
{
	metrics->requests = calloc((size_t)contract_operation_count + 1, sizeof *metrics->requests);
	if (metrics->requests == NULL)
		abort();
}

void metrics_done(struct metrics *metrics)
{
	free(metrics->requests);
	metrics->requests = NULL;
}

static void histogram_add(struct histogram *histogram, int64_t took_us)
{
	int bucket = 0;
	while (bucket < METRICS_BUCKETS - 1 && took_us > bucket_us[bucket])
		bucket++;
	add(&histogram->bucket[bucket], 1);
	add(&histogram->sum_us, (uint64_t)took_us);
}

void metrics_count(struct metrics *metrics, int operation, int status, int64_t took_us, int64_t database_us)
{
	int class = status / 100 - 1;
	if (class < 0 || class >= METRICS_CLASSES)
		class = METRICS_CLASSES - 1;
	add(&metrics->requests[operation < 0 ? contract_operation_count : operation][class], 1);
	histogram_add(&metrics->whole, took_us);
	if (database_us > 0)
		histogram_add(&metrics->database, database_us);
}

static void write_requests(struct buffer *out, const struct service *service)
{
	buffer_puts(out, "# HELP narada_requests_total Requests answered, by operation of the contract and class of status.\n"
	                 "# TYPE narada_requests_total counter\n");
	for (int operation = 0; operation <= contract_operation_count; operation++) {
		for (int class = 0; class < METRICS_CLASSES; class ++) {
			uint64_t sum = 0;
			for (int i = 0; i < service->loops; i++)
				sum += read_counter(&service->loop[i].metrics.requests[operation][class]);
			if (sum > 0)
				buffer_print(out, "narada_requests_total{operation=\"%s\",status=\"%dxx\"} %llu\n",
				    operation < contract_operation_count ? contract_operations[operation].id : "none", class + 1, (unsigned long long)sum);
		}
	}
}

static void write_histogram(struct buffer *out, const struct service *service, const char *name, const char *help, size_t offset)
{
	uint64_t count = 0, sum_us = 0;
	buffer_print(out, "# HELP %s %s\n# TYPE %s histogram\n", name, help, name);
	for (int bucket = 0; bucket < METRICS_BUCKETS; bucket++) {
		for (int i = 0; i < service->loops; i++) {
			const struct histogram *one = (const void *)((const char *)&service->loop[i].metrics + offset);
			count += read_counter(&one->bucket[bucket]);
			sum_us += bucket == 0 ? read_counter(&one->sum_us) : 0;
		}
		if (bucket < METRICS_BUCKETS - 1)
			buffer_print(out, "%s_bucket{le=\"%g\"} %llu\n", name, (double)bucket_us[bucket] / 1e6, (unsigned long long)count);
		else
			buffer_print(out, "%s_bucket{le=\"+Inf\"} %llu\n", name, (unsigned long long)count);
	}
	buffer_print(out, "%s_sum %.6f\n%s_count %llu\n", name, (double)sum_us / 1e6, name, (unsigned long long)count);
}

void metrics_write(struct buffer *out, const struct service *service)
{
	write_requests(out, service);
	write_histogram(
	    out, service, "narada_request_seconds", "From the whole request read to its response sent.", offsetof(struct metrics, whole));
	write_histogram(out, service, "narada_database_seconds", "Of that, waiting for the database.", offsetof(struct metrics, database));
	int ready = 0;
	for (int i = 0; i < service->loops; i++)
		ready += db_ready(service->loop[i].db);
	buffer_print(out,
	    "# HELP narada_loops Event loops.\n# TYPE narada_loops gauge\nnarada_loops %d\n"
	    "# HELP narada_database_ready Loops with a database connection.\n# TYPE narada_database_ready gauge\nnarada_database_ready %d\n"
	    "# HELP process_start_time_seconds When the service started.\n# TYPE process_start_time_seconds gauge\n"
	    "process_start_time_seconds %lld\n",
	    service->loops, ready, (long long)service->started_at);
}
