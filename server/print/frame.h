// frame.h: what stands at the top and bottom of each page: logos, the funder's words, which page it is. Private to print/.
#pragma once

#include "print/inside.h"

struct frame {
	const struct print_job *job;
	const char *running; // from the second page on, above the text; NULL: pages are papers of their own, and have no numbers
	const char *funder, *project;
	struct pen_picture above, below;
	bool numbered;
};

// Takes the margins from the pen's page and leaves room for what stands there; then begins the first page.
void frame_begin(struct frame *frame, struct pen *pen, const struct print_job *job, const char *running);
// "Project: … · No. …", or NULL.
const char *frame_project(struct pen *pen, const struct print_job *job);
// The head of a document about a meeting: what it is, the meeting, when and where, the project.
void frame_heading(struct pen *pen, const struct print_job *job, const char *what);
