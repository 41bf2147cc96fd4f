// A guest of the world optional: with ALL it exports everything, without what was
// there in version 0.2.0.

#include "abi.h"

#define HANDLER "golden:optional/handler@" VERSION
#define EXPORT(name) __attribute__((export_name(name)))

CABI_REALLOC
void *cabi_realloc(void *old, uint32_t old_size, uint32_t align, uint32_t new_size) {
	return reallocate(old, old_size, align, new_size);
}

EXPORT("run")
uint32_t run(uint32_t n) { return n + 1; }

// Sessions are places in here.
static struct session {
	uint32_t start, at;
} sessions[8];
static uint32_t opened;

__attribute__((import_module("[export]" HANDLER), import_name("[resource-new]session")))
uint32_t new_session(struct session *rep);

EXPORT(HANDLER "#[constructor]session")
uint32_t session_constructor(uint32_t start) {
	struct session *s = &sessions[opened++ % 8];
	*s = (struct session){start, start};
	return new_session(s);
}

EXPORT(HANDLER "#[method]session.next")
uint32_t session_next(struct session *s) { return s->at++; }

EXPORT(HANDLER "#handle")
string *handle(const char *ptr, uint32_t len) {
	static string result;
	result = concat(S("hello "), (string){ptr, len});
	return &result;
}

EXPORT("cabi_post_" HANDLER "#handle")
void post_handle(string *result) {
	(void)result;
	release();
}

#ifdef ALL

EXPORT(HANDLER "#[method]session.rewind")
void session_rewind(struct session *s) { s->at = s->start; }

// Notes are texts, which are kept as they come.
static struct note {
	char text[64];
	uint32_t len;
} notes[8];
static uint32_t noted;

__attribute__((import_module("[export]" HANDLER), import_name("[resource-new]note")))
uint32_t new_note(struct note *rep);
__attribute__((import_module("[export]" HANDLER), import_name("[resource-rep]note")))
struct note *rep_note(uint32_t handle);
__attribute__((import_module("[export]" HANDLER), import_name("[resource-drop]note")))
void drop_note(uint32_t handle);

static void append(struct note *n, const char *ptr, uint32_t len) {
	if (len > sizeof n->text - n->len)
		__builtin_trap();
	__builtin_memcpy(n->text + n->len, ptr, len);
	n->len += len;
}

EXPORT(HANDLER "#[constructor]note")
uint32_t note_constructor(const char *ptr, uint32_t len) {
	struct note *n = &notes[noted++ % 8];
	n->len = 0;
	append(n, ptr, len);
	release();
	return new_note(n);
}

EXPORT(HANDLER "#[method]note.text")
string *note_text(struct note *n) {
	static string result;
	result = (string){n->text, n->len};
	return &result;
}

EXPORT(HANDLER "#join")
uint32_t join(uint32_t first, struct note *second) {
	struct note *n = rep_note(first);
	append(n, second->text, second->len);
	drop_note(first);
	return new_note(n);
}

typedef struct {
	uint8_t failed;
	union {
		uint32_t ok;
		string err;
	};
} flushed;

EXPORT(HANDLER "#flush")
flushed *flush(uint32_t least) {
	static flushed result;
	result = opened < least ? (flushed){.failed = 1, .err = S("too few")} : (flushed){.ok = opened};
	return &result;
}

#define EXTRA "golden:optional/extra@" VERSION
#define MARKS "golden:optional/marks@" VERSION

EXPORT(EXTRA "#farewell")
string *farewell(const char *ptr, uint32_t len) {
	static string result;
	result = concat(S("goodbye "), (string){ptr, len});
	return &result;
}

EXPORT("cabi_post_" EXTRA "#farewell")
void post_farewell(string *result) {
	(void)result;
	release();
}

__attribute__((import_module("[export]" MARKS), import_name("[resource-new]mark")))
uint32_t new_mark(uint32_t rep);

EXPORT(EXTRA "#last")
uint32_t last(void) { return new_mark(opened); }

EXPORT(MARKS "#[method]mark.value")
uint32_t mark_value(uint32_t rep) { return rep; }

EXPORT("reset")
uint32_t reset(void) {
	static uint32_t resets;
	opened = 0;
	return ++resets;
}

EXPORT("status#report")
string *report(void) {
	static string result = {"well", 4};
	return &result;
}

EXPORT("status#count")
uint32_t count(void) { return opened; }

#endif
