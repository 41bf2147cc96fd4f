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
process_response *export_process(const char *input, uint32_t input_len, const setting *options, uint32_t options_len) {
	static process_response result;
	result = process((process_request){{input, input_len}, {options, options_len}});
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
void post_process(process_response *result) {
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
