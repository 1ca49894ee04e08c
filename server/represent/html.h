// html.h: text made safe for HTML. Private to represent/.
#pragma once

#include <stddef.h>

struct buffer;

void html_escape(struct buffer *out, const char *text, size_t length); // & < > " '
// Plain text as paragraphs: blank lines part <p>s, newlines are <br>, http(s) addresses are links.
void html_paragraphs(struct buffer *out, const char *text);
