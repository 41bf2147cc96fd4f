// A plugin that breaks the canonical ABI on request. `process` looks at its
// input: a name of the table below breaks the rule of that name, "emit" and
// "counts" are for counting, and all else comes back as it is. `initialize`
// looks at the names in its config.

#include "plugin.h"

#define OUTSIDE 0xffff0000u // aligned to everything, beyond any memory this guest has

// Where results go: wide enough that one begun a byte late still lies in it.
static union {
	result_string result;
	option_string option;
	process_response response;
	plugin_metadata metadata;
	char bytes[64];
} area;

static uint32_t posts, reallocs;

// What post-return and cabi_realloc do from now on.
static enum { post_well, post_traps, post_calls_host } post_mode;
static enum {
	realloc_well,
	realloc_outside,
	realloc_unaligned,
	realloc_traps,
	realloc_calls_host,
	realloc_grows,
} realloc_mode;

static process_response *answer(string output) {
	area.response = (process_response){.output = output, .success = true};
	return &area.response;
}

// Misbehaviour that shows in the response.

static process_response *do_trap(string input) {
	(void)input;
	__builtin_trap();
}

static volatile uint32_t bottom = UINT32_MAX;

// Needs its frame after the inner call returns, so it stays a recursion.
static __attribute__((noinline)) uint32_t descend(uint32_t depth) {
	if (depth == bottom)
		return depth;
	return (descend(depth + 1) ^ depth) * 31;
}

static process_response *do_recurse(string input) {
	input.len += descend(0) & 1;
	return answer(input);
}

static process_response *do_result_pointer(string input) {
	(void)input;
	return (process_response *)OUTSIDE;
}

static process_response *do_result_unaligned(string input) {
	return (process_response *)((char *)answer(input) + 1);
}

static process_response *do_string_pointer(string input) {
	(void)input;
	return answer((string){(const char *)OUTSIDE, 5});
}

static process_response *do_string_length(string input) {
	return answer((string){input.ptr, 0x7fffffff});
}

static process_response *do_utf8(string input) {
	(void)input;
	return answer(S("\xff\xfe\xfd"));
}

static process_response *do_utf8_truncated(string input) {
	(void)input;
	return answer(S("ab\xe2\x82"));
}

static process_response *do_discriminant(string input) {
	answer(input)->error_message.is_some = 7;
	return &area.response;
}

// Legal: every byte but 0 is true.
static process_response *do_bool(string input) {
	answer(input)->success = 2;
	return &area.response;
}

// Misbehaviour in a call of the host.

static process_response *do_host_pointer(string input) {
	host_log_message("info", 4, (const char *)OUTSIDE, 5, &area.result);
	return answer(input);
}

static process_response *do_host_utf8(string input) {
	host_log_message("info", 4, "\xff\xfe\xfd", 3, &area.result);
	return answer(input);
}

static process_response *do_host_result(string input) {
	host_get_config("hostile", 7, (option_string *)OUTSIDE);
	return answer(input);
}

static process_response *do_host_unaligned(string input) {
	host_get_config("hostile", 7, (option_string *)(area.bytes + 1));
	return answer(input);
}

// Misbehaviour to come.

static process_response *do_post_return(string input) {
	post_mode = post_traps;
	return answer(input);
}

static process_response *do_post_return_host(string input) {
	post_mode = post_calls_host;
	return answer(input);
}

static process_response *do_realloc_outside(string input) {
	realloc_mode = realloc_outside;
	return answer(input);
}

static process_response *do_realloc_unaligned(string input) {
	realloc_mode = realloc_unaligned;
	return answer(input);
}

static process_response *do_realloc_trap(string input) {
	realloc_mode = realloc_traps;
	return answer(input);
}

static process_response *do_realloc_host(string input) {
	realloc_mode = realloc_calls_host;
	return answer(input);
}

// Legal: memory may grow at any time.
static process_response *do_realloc_grow(string input) {
	realloc_mode = realloc_grows;
	return answer(input);
}

// No misbehaviour.

static process_response *do_emit(string input) {
	emit_event(S("call"), input);
	return answer(input);
}

static string decimal(uint32_t n) {
	char *end = (char *)allocate(1, 10) + 10, *p = end;
	do
		*--p = (char)('0' + n % 10);
	while (n /= 10);
	return (string){p, (uint32_t)(end - p)};
}

// Calls of post-return up to now, a comma, calls of cabi_realloc up to now.
static process_response *do_counts(string input) {
	(void)input;
	return answer(concat(concat(decimal(posts), S(",")), decimal(reallocs)));
}

static const struct {
	string name;
	process_response *(*run)(string input);
} actions[] = {
	{S("trap"), do_trap},
	{S("recurse"), do_recurse},
	{S("result-pointer"), do_result_pointer},
	{S("result-unaligned"), do_result_unaligned},
	{S("string-pointer"), do_string_pointer},
	{S("string-length"), do_string_length},
	{S("utf8"), do_utf8},
	{S("utf8-truncated"), do_utf8_truncated},
	{S("discriminant"), do_discriminant},
	{S("bool"), do_bool},
	{S("host-pointer"), do_host_pointer},
	{S("host-utf8"), do_host_utf8},
	{S("host-result"), do_host_result},
	{S("host-unaligned"), do_host_unaligned},
	{S("post-return"), do_post_return},
	{S("post-return-host"), do_post_return_host},
	{S("realloc-outside"), do_realloc_outside},
	{S("realloc-unaligned"), do_realloc_unaligned},
	{S("realloc-trap"), do_realloc_trap},
	{S("realloc-host"), do_realloc_host},
	{S("realloc-grow"), do_realloc_grow},
	{S("emit"), do_emit},
	{S("counts"), do_counts},
};

PLUGIN_API("process")
process_response *export_process(const char *input, uint32_t input_len, const setting *options, uint32_t options_len) {
	(void)options, (void)options_len;
	string name = {input, input_len};
	for (uint32_t i = 0; i < sizeof actions / sizeof actions[0]; i++)
		if (equal(name, actions[i].name))
			return actions[i].run(name);
	return answer(name);
}

PLUGIN_API("initialize")
result_string *export_initialize(const setting *config, uint32_t config_len) {
	area.result = (result_string){0};
	for (uint32_t i = 0; i < config_len; i++) {
		if (equal(config[i].name, S("result-discriminant")))
			area.result = (result_string){.is_err = 9};
		if (equal(config[i].name, S("fail")))
			area.result = (result_string){true, config[i].value};
	}
	return &area.result;
}

PLUGIN_API("shutdown")
result_string *export_shutdown(void) {
	area.result = (result_string){0};
	return &area.result;
}

PLUGIN_API("get-metadata")
plugin_metadata *export_get_metadata(void) {
	area.metadata = (plugin_metadata){S("hostile"), S("0.1.0"), S("breaks the rules on request")};
	return &area.metadata;
}

// Memory of its own pages, all of it new.
static void *grown(uint32_t size) {
	enum { page_size = 65536 };
	uint32_t pages = __builtin_wasm_memory_grow(0, size / page_size + 1);
	if (pages == UINT32_MAX)
		__builtin_trap();
	return (void *)(pages * page_size);
}

CABI_REALLOC
void *cabi_realloc(void *old, uint32_t old_size, uint32_t align, uint32_t new_size) {
	reallocs++;
	switch (realloc_mode) {
	case realloc_well:
		break;
	case realloc_outside:
		return (void *)OUTSIDE;
	case realloc_unaligned: // shows only where the alignment is more than 1, as it is for lists
		return (char *)allocate(align, new_size + 1) + 1;
	case realloc_traps:
		__builtin_trap();
	case realloc_calls_host: {
		result_string r;
		host_log_message("info", 4, "realloc", 7, &r);
		break;
	}
	case realloc_grows: {
		void *p = grown(new_size);
		__builtin_memcpy(p, old, old_size < new_size ? old_size : new_size);
		return p;
	}
	}
	return reallocate(old, old_size, align, new_size);
}

static void post_return(void) {
	posts++;
	switch (post_mode) {
	case post_well:
		break;
	case post_traps:
		__builtin_trap();
	case post_calls_host: {
		result_string r;
		host_log_message("info", 4, "post-return", 11, &r);
		break;
	}
	}
	release();
}

POST_RETURN("initialize")
void post_initialize(result_string *result) {
	(void)result;
	post_return();
}

POST_RETURN("process")
void post_process(process_response *result) {
	(void)result;
	post_return();
}

POST_RETURN("shutdown")
void post_shutdown(result_string *result) {
	(void)result;
	post_return();
}

POST_RETURN("get-metadata")
void post_get_metadata(plugin_metadata *result) {
	(void)result;
	post_return();
}
