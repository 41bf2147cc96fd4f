package plugin

import (
	"errors"

	"github.com/witgen/witgen/rt"
	"github.com/witgen/witgen/rt/plugin/internal/watch"
	"github.com/witgen/witgen/rt/plugin/policy"
)

// Code returns what the kind of an error of this package is listed by, for who
// looks it up or counts it: "RT304" for a call that ran out of fuel, say. It is
// empty for what is not listed, such as what a plugin itself calls an error. See
// [Explain].
func Code(err error) string {
	if trap, ok := errors.AsType[*rt.Trap](err); ok {
		return trapCode(trap)
	}
	if e, ok := errors.AsType[*watch.Error](err); ok {
		return e.Kind.Code()
	}
	if e, ok := errors.AsType[*policy.Denied](err); ok {
		return e.Code
	}
	if e, ok := errors.AsType[*listed](err); ok {
		return e.code
	}
	if e, ok := errors.AsType[*rt.LinkError](err); ok {
		return linkCode(e)
	}
	for _, x := range []struct {
		is   error
		code string
	}{
		{ErrQuarantined, ""}, // for a reason that was told
		{rt.ErrNotComponent, "RT101"},
		{rt.ErrCacheEntry, "RT601"},
		{rt.ErrMemory, "RT306"},
		{ErrOverloaded, "RT501"},
		{ErrReentrant, "RT501"},
		{ErrUnavailable, "RT502"},
	} {
		if errors.Is(err, x.is) {
			return x.code
		}
	}
	if _, ok := errors.AsType[*StageError](err); ok {
		return "RT503"
	}
	return ""
}

// trapCode returns the code of a trap.
func trapCode(t *rt.Trap) string {
	switch t.Kind {
	case rt.TrapBounds:
		return "RT302"
	case rt.TrapStack:
		return "RT303"
	case rt.TrapFuel:
		return "RT304"
	case rt.TrapDeadline:
		return "RT305"
	case rt.TrapMemory:
		return "RT306"
	case rt.TrapHostPanic:
		return "RT307"
	case rt.TrapLimit:
		return "RT308"
	case rt.TrapHost:
		if _, ok := errors.AsType[*deadlineError](t); ok {
			return "RT305"
		}
	case rt.TrapDead, rt.TrapReentry:
		return ""
	}
	return "RT301"
}

// linkCode returns the code of the first misfit.
func linkCode(e *rt.LinkError) string {
	if len(e.Misfits) == 0 {
		return ""
	}
	switch m := e.Misfits[0]; {
	case m.Kind == rt.OtherType:
		return "RT202"
	case len(m.Versions) > 0:
		return "RT201"
	case m.Export:
		return "RT204"
	}
	return "RT203"
}

// listed is an error with a code.
type listed struct {
	code string
	error
}

// Unwrap returns the error.
func (e *listed) Unwrap() error { return e.error }

// Explain returns what the errors of a code mostly come from, and what to do. Both
// are empty for codes that there are not.
func Explain(code string) (cause, remedy string) {
	m := messages[code]
	return m.cause, m.remedy
}

// messages are the causes and remedies by code.
var messages = map[string]struct{ cause, remedy string }{
	"RT101": {"the compiler's target is not a component, as that of wasip1 is not", "build for wasm32-wasip2, or wrap the module: wasm-tools component new --adapt"},
	"RT102": {"the path leads to another file", "check the path"},
	"RT103": {"the file is copied slowly, or written to again and again", "write it under another name and rename it"},
	"RT104": {"the copy of the file is not complete", "write it under another name and rename it"},
	"RT105": {"a build that nobody has reviewed", "review it and update source.digest in the policy"},
	"RT201": {"the plugin was built for another version of the host's interface", "build it for one of the host's versions, or have the host offer that one as well"},
	"RT202": {"the WIT of the plugin and of the host differ under the same version", "compare them with witgen breaking, and give the changed one another version"},
	"RT203": {"the host lacks a function or an interface that the plugin imports, or the policy denies it", "implement it, give it among the imports of the instance, or review the line of the policy that the text names"},
	"RT204": {"the plugin was built for another world, or an older one", "build it for the world of the host, or make the export optional: witgen generate --optional-export"},
	"RT205": {"a bad composition, linker flags, a damaged file, or what this runtime does not have", "check how the component was put together: witgen inspect"},
	"RT206": {"the policy's limit is below what the plugin declares", "raise limits.memory"},
	"RT207": {"a fault of the host: nobody implements what the plugin is to be given", "set the field that the text names"},
	"RT301": {"the plugin panicked, or broke a rule of the canonical ABI", "see the frames of the trap and the plugin's standard error"},
	"RT302": {"a fault of the plugin, which more memory does not cure", "tell the plugin's author"},
	"RT303": {"recursion without an end, as a rule", "mend the plugin; limits.stack is for deep but finite recursion"},
	"RT304": {"a loop without an end, or a small budget", "raise limits.fuel_per_call if the work is worth it"},
	"RT305": {"a slow host function, or a loop in the plugin", "see what the call was doing; raise limits.deadline if it is worth it"},
	"RT306": {"the plugin keeps what it allocates, or its limit is small", "let instances be replaced, by limits.max_calls or limits.high_water, or raise limits.memory"},
	"RT307": {"a fault of the host", "see the stack of the panic in the cause"},
	"RT308": {"the plugin hands over more, or calls the host more often, than its policy allows", "stream large values, or raise the limit that the text names"},
	"RT401": {"the policy does not grant it", "review the line of the policy that the text names"},
	"RT402": {"a name of the Internet that leads to a private network, or an address of one", "set net.resolve_private if that is meant"},
	"RT501": {"more calls than instances and queue take", "raise limits.instances, limits.queue or limits.max_wait, or send less"},
	"RT502": {"a revision that fails too often, or none that serves", "roll back, or wait for the probe"},
	"RT503": {"the revision does not start, by its configuration as a rule", "mend what the text names and load again"},
	"RT504": {"a regression of the revision that was tried out", "see its traps, mend it and load it as another revision; what it was compared with serves all calls"},
	"RT601": {"a file of the compile cache was cut or changed, by a full disk as a rule", "nothing: it was compiled anew"},
}
