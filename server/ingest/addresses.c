// addresses.c: addresses as a mail program writes them: "Jan Kowalski <jan@example.org>; ola@example.org".
//
// Entries are apart by semicolons, commas or line ends. A name may hold a comma ("Kowalski, Jan <…>"), so an entry ends only once it has an
// address. Anything that is not an address or a name before one in angle brackets makes it some other kind of list.
#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "base/arena.h"
#include "ingest/inside.h"

static bool is_space(char byte)
{
	return byte == ' ' || byte == '\t' || byte == '\r' || byte == '\n';
}

static void trim(const char **text, size_t *length)
{
	for (; *length && is_space(**text); ++*text)
		--*length;
	while (*length && (is_space((*text)[*length - 1]) || (*text)[*length - 1] == '.'))
		--*length;
}

bool address_is_plausible(const char *text, size_t length)
{
	const char *at = memchr(text, '@', length);
	if (!at || at == text || at == text + length - 1 || memchr(at + 1, '@', (size_t)(text + length - at - 1)))
		return false;
	for (size_t i = 0; i < length; i++)
		if (is_space(text[i]) || strchr(",;<>()\"", text[i]))
			return false;
	return true;
}

struct entry {
	const char *name, *address;
	size_t name_length, address_length;
};

static void strip_scheme(struct entry *entry)
{
	if (entry->address_length > 7 && !strncasecmp(entry->address, "mailto:", 7))
		entry->address += 7, entry->address_length -= 7;
}

static bool read_entry(struct entry *entry, const char *text, size_t length)
{
	trim(&text, &length);
	const char *open = memchr(text, '<', length);
	*entry = (struct entry){.address = text, .address_length = length};
	if (open) {
		const char *close = memchr(open, '>', (size_t)(text + length - open));
		if (!close || close != text + length - 1)
			return false;
		entry->name = text;
		entry->name_length = (size_t)(open - text);
		entry->address = open + 1;
		entry->address_length = (size_t)(close - open - 1);
		trim(&entry->name, &entry->name_length);
		if (entry->name_length > 1 && strchr("\"'", entry->name[0]) && entry->name[entry->name_length - 1] == entry->name[0])
			entry->name++, entry->name_length -= 2;
	}
	strip_scheme(entry);
	trim(&entry->address, &entry->address_length);
	return address_is_plausible(entry->address, entry->address_length);
}

// The end of the entry at `text`: a separator outside quotes and brackets after an address, or the end.
static const char *entry_end(const char *text, const char *separators)
{
	bool quoted = false, bracketed = false, addressed = false;
	for (; *text; text++) {
		if (*text == '"' && !bracketed)
			quoted = !quoted;
		else if ((*text == '<' || *text == '>') && !quoted)
			bracketed = *text == '<';
		else if (*text == '@')
			addressed = true;
		else if (!quoted && !bracketed && addressed && strchr(separators, *text))
			break;
	}
	return text;
}

static const char *skip_gaps(const char *text)
{
	while (is_space(*text) || *text == ';' || *text == ',')
		text++;
	return text;
}

bool addresses_read(struct table_maker *maker, const char *text)
{
	struct entry entry;
	int entries = 0;
	for (const char *at = skip_gaps(text), *end; *at; at = skip_gaps(end), entries++) {
		end = entry_end(at, ";,\r\n");
		if (!read_entry(&entry, at, (size_t)(end - at)))
			return false;
	}
	if (!entries)
		return false;
	int number = 0;
	maker->table->format = INGEST_ADDRESSES;
	for (const char *at = skip_gaps(text), *end; *at; at = skip_gaps(end)) {
		end = entry_end(at, ";,\r\n");
		read_entry(&entry, at, (size_t)(end - at));
		number++;
		if (!table_put(maker, number, 0, entry.name ? entry.name : "", entry.name_length) ||
		    !table_put(maker, number, 1, entry.address, entry.address_length) || !table_end_row(maker, number))
			return false;
	}
	return true;
}
