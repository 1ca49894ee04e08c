// xlsx_text.h: texts as a workbook can hold them. Private to represent/.
#pragma once

struct buffer;

enum { XLSX_NAME_ROOM = 31 * 4 + 1 };

// What XML forbids is left out, what Excel would take for an escape (_x0041_) is escaped, and what is longer than a cell is cut, with an
// ellipsis that says so. Gives `text` itself where there is nothing to do, else the buffer's. *width: the characters of its longest line.
const char *xlsx_text(struct buffer *room, const char *text, int *width);
// At most 31 characters, none of []:*?/\, no apostrophe at either end, not empty.
void xlsx_sheet_name(char *into, const char *name);
