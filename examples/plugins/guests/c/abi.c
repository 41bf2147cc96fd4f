// Strings, and an allocator that hands out memory in a row and takes it back at
// once: all a call needs lives until the host has read the result.

#include "abi.h"

enum { page_size = 65536 };

extern char __heap_base; // set by the linker: the end of data and stack

static uintptr_t next;

bool equal(string a, string b) {
	if (a.len != b.len)
		return false;
	for (uint32_t i = 0; i < a.len; i++)
		if (a.ptr[i] != b.ptr[i])
			return false;
	return true;
}

string concat(string a, string b) {
	char *p = allocate(1, a.len + b.len);
	__builtin_memcpy(p, a.ptr, a.len);
	__builtin_memcpy(p + a.len, b.ptr, b.len);
	return (string){p, a.len + b.len};
}

void *allocate(uint32_t align, uint32_t size) {
	if (next == 0)
		next = (uintptr_t)&__heap_base;
	uint64_t start = ((uint64_t)next + align - 1) & -(uint64_t)align;
	uint64_t end = start + size;
	uint64_t have = (uint64_t)__builtin_wasm_memory_size(0) * page_size;
	if (end > have) {
		uint64_t pages = (end - have + page_size - 1) / page_size;
		if (end > UINT32_MAX || __builtin_wasm_memory_grow(0, pages) == SIZE_MAX)
			__builtin_trap();
	}
	next = end;
	return (void *)(uintptr_t)start;
}

void release(void) {
	next = (uintptr_t)&__heap_base;
}

void *reallocate(void *old, uint32_t old_size, uint32_t align, uint32_t new_size) {
	void *p = allocate(align, new_size);
	__builtin_memcpy(p, old, old_size < new_size ? old_size : new_size);
	return p;
}
