// log.h: what the operator reads. One line an event: JSON where stderr is a file or pipe, readable on a terminal.
//
// Room rules: libc only. Only serve.c, cli/ and work/ log; rooms below return. Never log a token, a link or an e-mail.
#pragma once

enum log_level { LOG_DEBUG, LOG_INFO, LOG_WARNING, LOG_ERROR };

// `format` as in printf: "auto", "json" or "text".
void log_start(enum log_level least, const char *format);

// log_event(LOG_INFO, "request", "method", "%s", method, "status", "%d", 200, NULL): key, format, value, …, NULL. Values: one conversion
// each. Text around the conversion is allowed ("%.1f ms"); numbers alone stay numbers in JSON. A NULL string is left out.
void log_event(enum log_level level, const char *event, ...) __attribute__((sentinel));

// Gives back what logging holds for the calling thread; called last in a thread that ends before the process.
void log_thread_done(void);
