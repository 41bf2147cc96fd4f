// The exports of a plugin: parameters arrive flat, results leave as a pointer to
// memory that post-return takes back.

#include "plugin.h"

CABI_REALLOC
void *cabi_realloc(void *old, uint32_t old_size, uint32_t align, uint32_t new_size) {
	return reallocate(old, old_size, align, new_size);
}

PLUGIN_API("initialize")
result_string *export_initialize(const setting *config, uint32_t config_len) {
	static result_string result;
	result = initialize((settings){config, config_len});
	return &result;
}

PLUGIN_API("process")
process_result *export_process(const char *input, uint32_t input_len, const setting *settings, uint32_t settings_len,
		uint32_t has_budget, uint32_t budget_ms, const string *accept, uint32_t accept_len) {
	static process_result result;
	process_request req = {{input, input_len}, {settings, settings_len}};
	process_options options = {{has_budget, budget_ms}, {accept, accept_len}};
	result = process(req, options);
	return &result;
}

PLUGIN_API("shutdown")
result_string *export_shutdown(void) {
	static result_string result;
	result = shutdown();
	return &result;
}

PLUGIN_API("get-metadata")
plugin_metadata *export_get_metadata(void) {
	static plugin_metadata result;
	result = get_metadata();
	return &result;
}

POST_RETURN("initialize")
void post_initialize(result_string *result) {
	(void)result;
	release();
}

POST_RETURN("process")
void post_process(process_result *result) {
	(void)result;
	release();
}

POST_RETURN("shutdown")
void post_shutdown(result_string *result) {
	(void)result;
	release();
}

POST_RETURN("get-metadata")
void post_get_metadata(plugin_metadata *result) {
	(void)result;
	release();
}
