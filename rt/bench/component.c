#include "component.h"

#include <stdlib.h>
#include <string.h>

// The part of Wasmtime's C API that is used here. The library comes with the
// module wasmtime-go; its headers are out of reach of another module's cgo, so
// these declarations restate those of version 44.

typedef struct wasm_engine wasm_engine;
typedef struct wasmtime_store wasmtime_store;
typedef struct wasmtime_context wasmtime_context;
typedef struct wasmtime_error wasmtime_error;
typedef struct wasmtime_component wasmtime_component;
typedef struct wasmtime_component_linker wasmtime_component_linker;
typedef struct wasmtime_component_export_index export_index;

typedef struct {
	uint64_t store;
	uint32_t private;
} wasmtime_component_instance;

typedef struct {
	size_t size;
	char *data;
} wasm_name;

typedef struct val val;
typedef struct field field;

enum { BOOL = 0, U32 = 6, STRING = 12, LIST = 13, RECORD = 14, TUPLE = 15, OPTION = 18 };

// A value, tagged with its kind.
struct val {
	uint8_t kind;
	union {
		bool boolean;
		uint32_t u32;
		uint64_t u64;
		wasm_name string;
		struct {
			size_t size;
			val *data;
		} list; // and tuple
		struct {
			size_t size;
			field *data;
		} record;
		val *option;
		struct {
			wasm_name discriminant;
			val *payload;
		} variant; // the largest
	} of;
};

// A record's field.
struct field {
	wasm_name name;
	val val;
};

_Static_assert(sizeof(val) == 32 && offsetof(val, of) == 8, "wasmtime_component_val_t");
_Static_assert(sizeof(field) == 48 && offsetof(field, val) == 16, "wasmtime_component_valrecord_entry_t");
_Static_assert(sizeof(component_func) == 24 && offsetof(component_func, private2) == 16, "wasmtime_component_func_t");
_Static_assert(sizeof(wasmtime_component_instance) == 16, "wasmtime_component_instance_t");

extern wasm_engine *wasm_engine_new(void);
extern void wasm_engine_delete(wasm_engine *);
extern void wasm_byte_vec_delete(wasm_name *);
extern wasmtime_store *wasmtime_store_new(wasm_engine *, void *, void (*)(void *));
extern wasmtime_context *wasmtime_store_context(wasmtime_store *);
extern void wasmtime_store_delete(wasmtime_store *);
extern void wasmtime_error_message(const wasmtime_error *, wasm_name *);
extern void wasmtime_error_delete(wasmtime_error *);
extern wasmtime_error *wasmtime_component_new(const wasm_engine *, const uint8_t *, size_t, wasmtime_component **);
extern void wasmtime_component_delete(wasmtime_component *);
extern wasmtime_component_linker *wasmtime_component_linker_new(const wasm_engine *);
extern void wasmtime_component_linker_delete(wasmtime_component_linker *);
extern wasmtime_error *wasmtime_component_linker_define_unknown_imports_as_traps(wasmtime_component_linker *, const wasmtime_component *);
extern wasmtime_error *wasmtime_component_linker_instantiate(const wasmtime_component_linker *, wasmtime_context *, const wasmtime_component *, wasmtime_component_instance *);
extern export_index *wasmtime_component_instance_get_export_index(const wasmtime_component_instance *, wasmtime_context *, const export_index *, const char *, size_t);
extern void wasmtime_component_export_index_delete(export_index *);
extern bool wasmtime_component_instance_get_func(const wasmtime_component_instance *, wasmtime_context *, const export_index *, component_func *);
extern wasmtime_error *wasmtime_component_func_call(const component_func *, wasmtime_context *, const val *, size_t, val *, size_t);
extern void wasmtime_component_val_delete(val *);

struct instance {
	wasm_engine *engine;
	wasmtime_store *store;
	wasmtime_context *context;
	wasmtime_component_instance instance;
	val result; // of the last call
};

static char *take(wasmtime_error *err) {
	if (err == NULL)
		return NULL;
	wasm_name message;
	wasmtime_error_message(err, &message);
	wasmtime_error_delete(err);
	char *s = strndup(message.data, message.size);
	wasm_byte_vec_delete(&message);
	return s;
}

static wasmtime_error *instantiate(instance *in, const uint8_t *wasm, size_t len) {
	wasmtime_component *component;
	wasmtime_error *err = wasmtime_component_new(in->engine, wasm, len, &component);
	if (err != NULL)
		return err;
	wasmtime_component_linker *linker = wasmtime_component_linker_new(in->engine);
	err = wasmtime_component_linker_define_unknown_imports_as_traps(linker, component);
	if (err == NULL)
		err = wasmtime_component_linker_instantiate(linker, in->context, component, &in->instance);
	wasmtime_component_linker_delete(linker);
	wasmtime_component_delete(component);
	return err;
}

char *instance_open(const uint8_t *wasm, size_t len, instance **out) {
	instance *in = calloc(1, sizeof *in);
	in->engine = wasm_engine_new();
	in->store = wasmtime_store_new(in->engine, NULL, NULL);
	in->context = wasmtime_store_context(in->store);
	char *err = take(instantiate(in, wasm, len));
	if (err != NULL) {
		instance_close(in);
		return err;
	}
	*out = in;
	return NULL;
}

void instance_close(instance *in) {
	wasmtime_component_val_delete(&in->result);
	wasmtime_store_delete(in->store);
	wasm_engine_delete(in->engine);
	free(in);
}

char *instance_func(instance *in, const char *interface, const char *name, component_func *out) {
	export_index *outer = wasmtime_component_instance_get_export_index(&in->instance, in->context, NULL, interface, strlen(interface));
	if (outer == NULL)
		return strdup("no such exported interface");
	export_index *inner = wasmtime_component_instance_get_export_index(&in->instance, in->context, outer, name, strlen(name));
	wasmtime_component_export_index_delete(outer);
	if (inner == NULL)
		return strdup("no such exported function");
	bool ok = wasmtime_component_instance_get_func(&in->instance, in->context, inner, out);
	wasmtime_component_export_index_delete(inner);
	return ok ? NULL : strdup("the export is not a function");
}

// call leaves the result in in->result, which the next call frees: so that a
// call from Go is one call of C, not two.
static char *call(instance *in, component_func *f, const val *args, size_t count) {
	wasmtime_component_val_delete(&in->result);
	in->result = (val){.kind = BOOL};
	return take(wasmtime_component_func_call(f, in->context, args, count, &in->result, 1));
}

static val string_val(const char *s, size_t len) {
	return (val){.kind = STRING, .of.string = {len, (char *)s}};
}

static text text_of(const val *v) {
	return (text){v->of.string.data, v->of.string.size};
}

char *call_add(instance *in, component_func *f, uint32_t a, uint32_t b, uint32_t *sum) {
	val args[] = {{.kind = U32, .of.u32 = a}, {.kind = U32, .of.u32 = b}};
	char *err = call(in, f, args, 2);
	if (err == NULL)
		*sum = in->result.of.u32;
	return err;
}

char *call_echo(instance *in, component_func *f, const char *s, size_t len, text *out) {
	val arg = string_val(s, len);
	char *err = call(in, f, &arg, 1);
	if (err == NULL)
		*out = text_of(&in->result);
	return err;
}

#define NAME(s) {sizeof(s) - 1, s}

char *call_process(instance *in, component_func *f, const char *s, const uint32_t *lens, size_t count, process_response *out) {
	enum { MAX_OPTIONS = 8 };
	val strings[1 + 2 * MAX_OPTIONS], options[MAX_OPTIONS];
	if (count % 2 != 1 || count > sizeof strings / sizeof *strings)
		return strdup("want an input and up to 8 options");
	for (size_t i = 0; i < count; i++) {
		strings[i] = string_val(s, lens[i]);
		s += lens[i];
	}
	for (size_t i = 0; i < count / 2; i++)
		options[i] = (val){.kind = TUPLE, .of.list = {2, &strings[1 + 2 * i]}};
	field fields[] = {
		{NAME("input"), strings[0]},
		{NAME("options"), {.kind = LIST, .of.list = {count / 2, options}}},
	};
	val arg = {.kind = RECORD, .of.record = {2, fields}};
	char *err = call(in, f, &arg, 1);
	if (err != NULL)
		return err;
	const field *got = in->result.of.record.data;
	const val *message = got[2].val.of.option;
	*out = (process_response){
		.output = text_of(&got[0].val),
		.success = got[1].val.of.boolean,
		.has_error_message = message != NULL,
	};
	if (message != NULL)
		out->error_message = text_of(message);
	return NULL;
}
