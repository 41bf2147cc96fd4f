// What a freestanding guest needs of the canonical ABI: strings as they lie in
// memory, and memory to put them in. See CanonicalABI.md of the component model.

#ifndef ABI_H
#define ABI_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// A string, as UTF-8 without a final NUL, or any other list.
typedef struct {
	const char *ptr;
	uint32_t len;
} string;

#define S(literal) ((string){"" literal, sizeof(literal) - 1})

bool equal(string a, string b);

// Both strings in a row, in memory that lasts until release.
string concat(string a, string b);

// New memory that lasts until release. Traps when there is none.
void *allocate(uint32_t align, uint32_t size);

// Takes back all that was allocated.
void release(void);

// The function the host calls for memory to put arguments and results in.
#define CABI_REALLOC __attribute__((export_name("cabi_realloc")))

// What that function has to do: new memory that begins with the content of the old.
void *reallocate(void *old, uint32_t old_size, uint32_t align, uint32_t new_size);

#endif
