// memory.c: after the start, the process keeps the pages it works with, not those that linking touched.
#include "base/memory.h"

#include <link.h>
#include <malloc.h>
#include <stdint.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/sanitized.h"

// Only segments that nobody may write: their pages are the file's own. What was relocated is writable, or was until it was sealed.
static int let_go(struct dl_phdr_info *object, size_t size, void *argument)
{
	(void)size, (void)argument;
	uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);
	for (int i = 0; i < object->dlpi_phnum; i++) {
		const ElfW(Phdr) *segment = &object->dlpi_phdr[i];
		if (segment->p_type != PT_LOAD || segment->p_flags & PF_W)
			continue;
		uintptr_t begin = (object->dlpi_addr + segment->p_vaddr) / page * page;
		uintptr_t end = (object->dlpi_addr + segment->p_vaddr + segment->p_memsz + page - 1) / page * page;
		(void)madvise((void *)begin, end - begin, MADV_DONTNEED); // NOLINT(performance-no-int-to-ptr)
	}
	return 0;
}

void memory_settle(void)
{
	enum { LARGE = 1024 * 1024 };
	if (SANITIZED)
		return;
	// What is large goes back as soon as it is freed. Left to itself, malloc keeps for ever what the first large file took.
	mallopt(M_MMAP_THRESHOLD, LARGE);
	malloc_trim(0);
	dl_iterate_phdr(let_go, NULL);
}
