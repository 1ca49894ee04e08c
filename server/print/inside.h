// inside.h: what the files of this room share: the job's rows, and one function a document. Private to print/.
#pragma once

#include "base/rows.h"
#include "print/pen.h"
#include "print/print.h"

// Millimetres in points.
#define MM(length) ((length)*72.0 / 25.4)

const struct rows *print_rows(const struct print_job *job, const char *part); // NULL if there are none
// The first row's column of a part; NULL if it is not there.
const char *print_value(const struct print_job *job, const char *part, const char *column);
const char *print_word(const struct print_job *job, const char *key); // below "print."; the key itself if there is none
bool print_is(const struct print_job *job, const char *part, const char *column);
// "wtorek, 24 listopada 2026, godz. 10:00–14:00": of the meeting, in the language of the paper.
const char *print_when(struct pen *pen, const struct print_job *job);
const char *print_zone(const struct print_job *job);
// "66.7" as the paper's language writes it.
const char *print_number(struct pen *pen, const struct print_job *job, const char *number);
// Of whom nobody is: said on a page that would be blank.
void print_nobody(struct pen *pen, const struct print_job *job);
// The theme, or the title.
const char *print_headline(const struct print_job *job);

typedef void print_draw(struct pen *pen, const struct print_job *job);
print_draw print_sign_in_sheet, print_badges, print_name_cards, print_agenda, print_certificates, print_report, print_table_only;
