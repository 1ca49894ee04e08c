// catalogue.h: what cairo does not write into a PDF's catalogue. Private to print/.
#pragma once

struct arena;
struct buffer;

// Names the document's language (`/Lang`) and has viewers show its title: an incremental update at the end of the file, as PDF provides for
// (ISO 32000-1, 7.5.6). A file that is not as cairo 1.16 writes it stays as it is.
void catalogue_say(struct buffer *file, const char *language, struct arena *arena);
