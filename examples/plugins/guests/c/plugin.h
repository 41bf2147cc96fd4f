// The world `plugin` of plugins.wit, version 0.2, in C: its types, laid out as the canonical
// ABI lays them out, what the host offers, and what a plugin has to define.
// Strings that a plugin is given last until its function returns; strings it
// answers with have to be constants or come from allocate.

#ifndef PLUGIN_H
#define PLUGIN_H

#include "abi.h"

// option<string>
typedef struct {
	uint8_t is_some;
	string value;
} option_string;

// result<_, string>
typedef struct {
	uint8_t is_err;
	string err;
} result_string;

// tuple<string, string>
typedef struct {
	string name, value;
} setting;

// list<tuple<string, string>>
typedef struct {
	const setting *ptr;
	uint32_t len;
} settings;

typedef struct {
	string name, version, description;
} plugin_metadata;

typedef struct {
	string input;
	settings options;
} process_request;

// option<u32>
typedef struct {
	uint8_t is_some;
	uint32_t value;
} option_u32;

// list<string>
typedef struct {
	const string *ptr;
	uint32_t len;
} strings;

typedef struct {
	option_u32 budget_ms;
	strings accept;
} process_options;

typedef struct {
	string output;
} process_response;

// The cases of process-error.
enum { invalid, not_acceptable, over_budget, failed };

typedef struct {
	uint8_t tag;
	union {
		string why;         // invalid, failed
		option_u32 need_ms; // over_budget
	};
} process_error;

// result<process-response, process-error>
typedef struct {
	uint8_t is_err;
	union {
		process_response ok;
		process_error err;
	};
} process_result;

_Static_assert(sizeof(option_string) == 12 && offsetof(option_string, value) == 4, "option<string>");
_Static_assert(sizeof(result_string) == 12 && offsetof(result_string, err) == 4, "result<_, string>");
_Static_assert(sizeof(setting) == 16, "tuple<string, string>");
_Static_assert(sizeof(plugin_metadata) == 24, "plugin-metadata");
_Static_assert(sizeof(option_u32) == 8 && offsetof(option_u32, value) == 4, "option<u32>");
_Static_assert(sizeof(process_error) == 12 && offsetof(process_error, why) == 4, "process-error");
_Static_assert(sizeof(process_result) == 16 && offsetof(process_result, ok) == 4, "result<process-response, process-error>");

static inline process_result processed(string output) {
	return (process_result){.ok = {output}};
}

// The error invalid, or failed.
static inline process_result process_failed(uint8_t tag, string why) {
	return (process_result){.is_err = true, .err = {.tag = tag, .why = why}};
}

// What a plugin defines. plugin.c exports it.

result_string initialize(settings config);
process_result process(process_request req, process_options options);
result_string shutdown(void);
plugin_metadata get_metadata(void);

// What the host offers: strings as pointer and length, and where the result goes.

#define HOST_API(name) __attribute__((import_module("witgen:plugins/host-api@0.2.0"), import_name(name)))

HOST_API("log-message")
void host_log_message(const char *level, uint32_t level_len, const char *message, uint32_t message_len, result_string *result);

HOST_API("get-config")
void host_get_config(const char *key, uint32_t key_len, option_string *result);

HOST_API("emit-event")
void host_emit_event(const char *event_type, uint32_t event_type_len, const char *payload, uint32_t payload_len, result_string *result);

static inline result_string log_message(string level, string message) {
	result_string r;
	host_log_message(level.ptr, level.len, message.ptr, message.len, &r);
	return r;
}

static inline option_string get_config(string key) {
	option_string r;
	host_get_config(key.ptr, key.len, &r);
	return r;
}

static inline result_string emit_event(string event_type, string payload) {
	result_string r;
	host_emit_event(event_type.ptr, event_type.len, payload.ptr, payload.len, &r);
	return r;
}

// What the host calls by name: a function, and the function it calls once it has
// read the result.

#define PLUGIN_API(name) __attribute__((export_name("witgen:plugins/plugin-api@0.2.0#" name)))
#define POST_RETURN(name) __attribute__((export_name("cabi_post_witgen:plugins/plugin-api@0.2.0#" name)))

#endif
