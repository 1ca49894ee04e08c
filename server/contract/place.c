// place.c: where a fault is, as a JSON pointer, and the list of faults.
#include "contract/inside.h"

#include "base/arena.h"
#include "base/buffer.h"

enum { MAX_FAULTS = 100 };

static void add_escaped(struct buffer *out, const char *name)
{
	for (; *name; name++) {
		if (*name == '~')
			buffer_puts(out, "~0");
		else if (*name == '/')
			buffer_puts(out, "~1");
		else
			buffer_putc(out, *name);
	}
}

static void add_place(struct buffer *out, const struct place *place)
{
	if (!place->up) {
		buffer_puts(out, place->name);
		return;
	}
	add_place(out, place->up);
	buffer_putc(out, '/');
	if (place->name)
		add_escaped(out, place->name);
	else
		buffer_print(out, "%ld", place->index);
}

const char *place_pointer(const struct place *place, struct arena *arena)
{
	struct buffer out;
	buffer_init(&out, arena);
	buffer_puts(&out, "");
	add_place(&out, place);
	return out.data;
}

bool fault_full(const struct check *check)
{
	return check->faults >= MAX_FAULTS;
}

void fault(struct check *check, const struct place *place, const char *code, const char *detail)
{
	if (!fault_full(check))
		problem_add(check->why, check->arena, place_pointer(place, check->arena), code, detail);
	check->faults++;
}
