// A plugin that calls its host while the host calls it.

#include "plugin.h"

static process_response failed(string why) {
	return (process_response){.error_message = {true, why}};
}

result_string initialize(settings config) {
	(void)config;
	option_string url = get_config(S("database_url"));
	if (!url.is_some)
		return (result_string){true, S("database_url not configured")};
	return log_message(S("info"), concat(S("connected to "), url.value));
}

process_response process(process_request req) {
	if (req.input.len == 0)
		return failed(S("empty input"));
	result_string r = log_message(S("info"), concat(S("processing "), req.input));
	if (r.is_err)
		return failed(r.err);
	r = emit_event(S("processing_complete"), req.input);
	if (r.is_err)
		return failed(r.err);
	return (process_response){.output = concat(S("processed: "), req.input), .success = true};
}

result_string shutdown(void) {
	return (result_string){0};
}

plugin_metadata get_metadata(void) {
	return (plugin_metadata){S("data-processor"), S("0.1.0"), S("records data, written in C")};
}
