// limiter.c: token buckets of the addresses that were seen last.
#include "base/limiter.h"

#include <arpa/inet.h>
#include <math.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

enum { SETS = 512, WAYS = 8, V6_PREFIX = 8, ADDRESS_BYTES = 16 };

// An empty place has no key. A bucket that is full again is as good as empty.
struct bucket {
	uint64_t key;
	double tokens;
	int64_t at; // ms: when it had so many
};

struct limiter {
	const struct limiter_rule *rule;
	unsigned char secret[crypto_shorthash_KEYBYTES]; // so that nobody can choose addresses that push each other out
	struct bucket bucket[SETS][WAYS];
};

struct limiter *limiter_new(const struct limiter_rule *rule)
{
	struct limiter *limiter = calloc(1, sizeof *limiter);
	if (limiter == NULL)
		abort();
	limiter->rule = rule;
	crypto_shorthash_keygen(limiter->secret);
	return limiter;
}

void limiter_free(struct limiter *limiter)
{
	free(limiter);
}

// 0 for the machine itself, and for what is no address.
static uint64_t key_of(const struct limiter *limiter, const char *address)
{
	static const unsigned char loopback[ADDRESS_BYTES] = {[ADDRESS_BYTES - 1] = 1};
	unsigned char bytes[ADDRESS_BYTES] = {0}, hash[crypto_shorthash_BYTES];
	size_t length = sizeof(struct in_addr);
	if (inet_pton(AF_INET, address, bytes) == 1) {
		if (bytes[0] == 127 && bytes[1] == 0 && bytes[2] == 0 && bytes[3] == 1)
			return 0;
	} else {
		if (inet_pton(AF_INET6, address, bytes) != 1 || memcmp(bytes, loopback, sizeof bytes) == 0)
			return 0;
		length = V6_PREFIX;
	}
	uint64_t key;
	crypto_shorthash(hash, bytes, length, limiter->secret);
	memcpy(&key, hash, sizeof key);
	return key ? key : 1;
}

static double tokens_now(const struct limiter *limiter, const struct bucket *bucket, int64_t now_ms)
{
	double quota = limiter->rule->quota, grown = (double)(now_ms - bucket->at) * quota / (limiter->rule->seconds * 1000.0);
	return bucket->key ? fmin(quota, bucket->tokens + grown) : quota;
}

// The address's own bucket, or the one that misses least by being taken for it: the fullest.
static struct bucket *bucket_of(struct limiter *limiter, uint64_t key, int64_t now_ms)
{
	struct bucket *set = limiter->bucket[key % SETS], *fullest = set;
	for (struct bucket *each = set; each < set + WAYS; each++) {
		if (each->key == key)
			return each;
		if (tokens_now(limiter, each, now_ms) > tokens_now(limiter, fullest, now_ms))
			fullest = each;
	}
	*fullest = (struct bucket){.key = key, .tokens = limiter->rule->quota, .at = now_ms};
	return fullest;
}

bool limiter_take(struct limiter *limiter, const char *address, int64_t now_ms, int *wait)
{
	uint64_t key = address ? key_of(limiter, address) : 0;
	if (key == 0)
		return true;
	struct bucket *bucket = bucket_of(limiter, key, now_ms);
	bucket->tokens = tokens_now(limiter, bucket, now_ms);
	bucket->at = now_ms;
	if (bucket->tokens < 1) {
		*wait = (int)ceil((1 - bucket->tokens) * limiter->rule->seconds / limiter->rule->quota);
		return false;
	}
	bucket->tokens -= 1;
	return true;
}
