// memory.h: gives back what only the start needed.
//
// Room rules: libc.
#pragma once

// Lets go of the pages of code and constants that were read while the program and its libraries were linked and set up: relocating forty
// libraries touches most of their tables, and the kernel maps what lies around each touch. The pages are clean copies of files, so that
// whatever is needed again is simply mapped again, mostly from the page cache. Free heap goes back as well, and from then
// on every large block as soon as it is freed. Call it once, when the start is over.
void memory_settle(void);
