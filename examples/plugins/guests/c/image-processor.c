// A plugin that needs nothing of its host: it answers from its settings alone.

#include "plugin.h"

enum { scaling_ms = 20 }; // what an image may take

static uint32_t max_width = UINT32_MAX;

// Reads a decimal number from 1 to UINT32_MAX; 0 says that there is none.
static uint32_t positive_number(string s) {
	uint64_t n = 0;
	for (uint32_t i = 0; i < s.len; i++) {
		if (s.ptr[i] < '0' || s.ptr[i] > '9')
			return 0;
		n = n * 10 + (uint64_t)(s.ptr[i] - '0');
		if (n > UINT32_MAX)
			return 0;
	}
	return (uint32_t)n;
}

result_string initialize(settings config) {
	for (uint32_t i = 0; i < config.len; i++) {
		setting s = config.ptr[i];
		if (!equal(s.name, S("max-width")))
			continue;
		uint32_t n = positive_number(s.value);
		if (n == 0) {
			string got = concat(concat(S("max-width: want a positive number, got \""), s.value), S("\""));
			return (result_string){.is_err = true, .err = got};
		}
		max_width = n;
	}
	return (result_string){0};
}

process_result process(process_request req, process_options options) {
	if (options.budget_ms.is_some && options.budget_ms.value < scaling_ms)
		return (process_result){.is_err = true, .err = {.tag = over_budget, .need_ms = {true, scaling_ms}}};
	return processed(concat(S("processed: "), req.input));
}

result_string shutdown(void) {
	return (result_string){0};
}

plugin_metadata get_metadata(void) {
	return (plugin_metadata){S("image-processor"), S("0.2.0"), S("scales images, written in C")};
}
