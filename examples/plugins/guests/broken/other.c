// A component for another world: a host of plugins has to refuse it.

#include "abi.h"

CABI_REALLOC
void *cabi_realloc(void *old, uint32_t old_size, uint32_t align, uint32_t new_size) {
	return reallocate(old, old_size, align, new_size);
}

__attribute__((export_name("witgen:other/greeter@0.1.0#greet")))
string *greet(const char *name, uint32_t name_len) {
	static string result;
	result = concat(S("hello, "), (string){name, name_len});
	return &result;
}

__attribute__((export_name("cabi_post_witgen:other/greeter@0.1.0#greet")))
void post_greet(string *result) {
	(void)result;
	release();
}
