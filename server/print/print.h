// print.h: what is printed of a meeting, and any table, as PDF: the paper that an office signs, cuts, folds, and hands to a funder.
//
// Room rules: uses base/, represent/; the only room that knows Pango, Cairo and fontconfig. Called on a thread of the pool: nothing here
// waits, and all that a job points at must stay as it is until it is done. Fonts are looked for at the first use. Text is embedded in
// subsets of Lato (DejaVu Sans for what that has not), with the characters it stands for, and is tagged; the catalogue names its language.
#pragma once

#include <stdatomic.h>
#include <stdbool.h>

struct arena;
struct buffer;
struct problem;
struct represent_links;
struct represent_sheet;
struct rows;

struct print_part {
	const char *name;
	const struct rows *rows;
};

// Rows by name, as the operation's statements gave them. Every document may have `print` (logo_top and logo_bottom in base64, funder_text,
// project_title, project_number) and `meeting` (title, theme, starts_at, ends_at, time_zone, place, platform, organiser).
struct print_job {
	const char *document; // "sign_in_sheet", "badges", "name_cards", "agenda", "certificates", "report"; others are tables
	const char *language;
	bool language_chosen;   // else a certificate is in its person's
	const char *time_zone;  // of what is no meeting
	const char *title;      // of a table: "Uczestnicy"
	const char *subtitle;   // of a table: the meeting, or the platform
	const char *created_on; // "2026-11-24"
	const struct represent_links *links;
	const struct represent_sheet *sheet; // of a table: its columns
	const struct rows *rows;             // of a table, or the operation's main ones
	const struct print_part *part;       // ends with a NULL name
	const atomic_bool *unwanted;         // becomes true when nobody waits any more; NULL: somebody does
};

bool print_is_document(const char *name); // else it is a table, which needs `sheet`
// The whole file; everything it needs meanwhile is in `arena`. Refuses only where this machine has no font at all (`no_fonts`), or when the
// job became unwanted.
bool print_document(struct buffer *out, const struct print_job *job, struct arena *arena, struct problem *why);
