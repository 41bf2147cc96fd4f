// A plugin for changed.wit, which has the contract's names and core signatures
// but other types. It uses every import, so that the component keeps them.

#include "plugin.h"

// process-response as changed.wit has it.
typedef struct {
	string output;
	option_string error_message;
	uint8_t success;
} changed_response;

_Static_assert(sizeof(changed_response) == 24 && offsetof(changed_response, success) == 20, "process-response");

CABI_REALLOC
void *cabi_realloc(void *old, uint32_t old_size, uint32_t align, uint32_t new_size) {
	return reallocate(old, old_size, align, new_size);
}

PLUGIN_API("initialize")
result_string *export_initialize(const setting *config, uint32_t config_len) {
	static result_string result;
	(void)config, (void)config_len;
	option_string url = get_config(S("database_url")); // bytes, not text
	result = log_message(S("info"), url.is_some ? S("connected") : S("not connected"));
	return &result;
}

PLUGIN_API("process")
changed_response *export_process(const char *input, uint32_t input_len, const setting *options, uint32_t options_len) {
	static changed_response result;
	static const char payload[] = {(char)0xff, 0, (char)0xfe}; // bytes that are no text
	(void)options, (void)options_len;
	result_string r = emit_event(S("processing_complete"), (string){payload, sizeof payload});
	if (r.is_err)
		result = (changed_response){.error_message = {true, r.err}};
	else
		result = (changed_response){.output = concat(S("processed: "), (string){input, input_len}), .success = 200};
	return &result;
}

PLUGIN_API("shutdown")
result_string *export_shutdown(void) {
	static result_string result;
	return &result;
}

PLUGIN_API("get-metadata")
plugin_metadata *export_get_metadata(void) {
	static plugin_metadata result;
	result = (plugin_metadata){S("changed"), S("0.1.0"), S("speaks another contract under the same names")};
	return &result;
}

POST_RETURN("initialize")
void post_initialize(result_string *result) {
	(void)result;
	release();
}

POST_RETURN("process")
void post_process(changed_response *result) {
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
