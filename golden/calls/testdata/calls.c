// A guest that does next to nothing: what its calls cost is the cost of a call.

#include "abi.h"

__attribute__((import_module("witgen:calls/host@0.1.0"), import_name("add")))
uint32_t host_add(uint32_t a, uint32_t b);

__attribute__((import_module("witgen:calls/host@0.1.0"), import_name("echo")))
void host_echo(const char *s, uint32_t len, string *result);

// While the guest calls its host in a loop, answers go to the same place.
static char scratch[1 << 17];
static bool looping;

CABI_REALLOC
void *cabi_realloc(void *old, uint32_t old_size, uint32_t align, uint32_t new_size) {
	if (looping && new_size <= sizeof scratch)
		return scratch;
	return reallocate(old, old_size, align, new_size);
}

#define GUEST(name) __attribute__((export_name("witgen:calls/guest@0.1.0#" name)))

GUEST("add")
uint32_t export_add(uint32_t a, uint32_t b) {
	return a + b;
}

// A list of anything goes back as it came.
#define POST(name) __attribute__((export_name("cabi_post_witgen:calls/guest@0.1.0#" name)))
#define ECHO(name, function) \
	GUEST(name) \
	string *export_##function(const char *ptr, uint32_t len) { \
		static string result; \
		result = (string){ptr, len}; \
		return &result; \
	} \
	POST(name) \
	void post_##function(string *result) { \
		(void)result; \
		release(); \
	}

ECHO("echo", echo)
ECHO("bytes", bytes)
ECHO("points", points)
ECHO("lines", lines)

GUEST("host-add")
uint32_t export_host_add(uint32_t n, uint32_t times) {
	for (; times > 0; times--)
		n = host_add(n, 1);
	return n;
}

GUEST("host-echo")
uint32_t export_host_echo(const char *s, uint32_t len, uint32_t times) {
	string result = {0};
	looping = true;
	for (; times > 0; times--)
		host_echo(s, len, &result);
	looping = false;
	release();
	return result.len;
}
