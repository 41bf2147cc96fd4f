// A plugin that calls its host while the host calls it.

#include "plugin.h"

// Whether the output may be text.
static bool accepts_text(strings accept) {
	for (uint32_t i = 0; i < accept.len; i++)
		if (equal(accept.ptr[i], S("text/plain")))
			return true;
	return accept.len == 0;
}

result_string initialize(settings config) {
	(void)config;
	option_string url = get_config(S("database_url"));
	if (!url.is_some)
		return (result_string){true, S("database_url not configured")};
	return log_message(S("info"), concat(S("connected to "), url.value));
}

process_result process(process_request req, process_options options) {
	if (req.input.len == 0)
		return process_failed(invalid, S("empty input"));
	if (!accepts_text(options.accept))
		return (process_result){.is_err = true, .err = {.tag = not_acceptable}};
	result_string r = log_message(S("info"), concat(S("processing "), req.input));
	if (r.is_err)
		return process_failed(failed, r.err);
	r = emit_event(S("processing_complete"), req.input);
	if (r.is_err)
		return process_failed(failed, r.err);
	return processed(concat(S("processed: "), req.input));
}

result_string shutdown(void) {
	return (result_string){0};
}

plugin_metadata get_metadata(void) {
	return (plugin_metadata){S("data-processor"), S("0.2.0"), S("records data, written in C")};
}
