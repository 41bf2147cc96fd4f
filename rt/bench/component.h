// Calls of one component instance through Wasmtime's C API.

#ifndef COMPONENT_H
#define COMPONENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// An instance with the store that owns it. Its imports trap.
typedef struct instance instance;

// An exported function: what wasmtime_component_func_t holds.
typedef struct {
	struct {
		uint64_t store;
		uint32_t private1;
	} id;
	uint32_t private2;
} component_func;

typedef struct {
	const char *ptr;
	size_t len;
} text;

// process-response of examples/plugins.
typedef struct {
	text output, error_message;
	bool success, has_error_message;
} process_response;

// Each function returns NULL, or an error's text for the caller to free.
// A text that a call returns lasts until the next call.

char *instance_open(const uint8_t *wasm, size_t len, instance **out);
void instance_close(instance *in);
char *instance_func(instance *in, const char *interface, const char *name, component_func *out);

char *call_add(instance *in, component_func *f, uint32_t a, uint32_t b, uint32_t *sum);
char *call_echo(instance *in, component_func *f, const char *s, size_t len, text *out);

// The strings of the request stand in s one after another: its input, then name
// and value of each option. lens has their count lengths.
char *call_process(instance *in, component_func *f, const char *s, const uint32_t *lens, size_t count, process_response *out);

#endif
