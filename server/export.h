// export.h: what the files that make a workbook share. Private to server/.
//
// Room rules: as serve.h. A workbook is whole only when its last row is there, so the answer waits for it; who asked with `progress` gets,
// if it takes long, a page meanwhile (export_page.c) that counts the rows and then leads to the file, which waits on the shelf.
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct export;
struct export_page;
struct problem;
struct visit;

// The answer to `visit` is a file of that name. The descriptor is the answer's from now on.
void export_send(struct visit *visit, int descriptor, const char *file_name);

// export_page.c: a page that is sent while the work goes on. It lives in the visit's arena. `gone` is called when its reader leaves, or has
// read it to the end: nothing of it may be touched afterwards.
struct export_page *export_page_open(struct visit *visit, const char *file_name, void (*gone)(void *), void *argument);
void export_page_rows(struct export_page *page, long rows);
void export_page_ready(struct export_page *page, const char *url, long rows); // and it ends
void export_page_failed(struct export_page *page, const struct problem *why); // and it ends
