package policy

import (
	"iter"
	"reflect"
	"strings"
	"time"

	"github.com/witgen/witgen/rt"
)

// Limits bounds what a plugin takes. 0 is no bound of this kind by whoever has
// these limits: others may have one.
type Limits struct {
	// Of an instance: see [rt.Limits], which says what each is by default.
	Memory    Size  `json:"memory,omitzero"`
	Stack     Size  `json:"stack,omitzero"`
	Tables    Count `json:"tables,omitzero"` // elements
	Handles   Count `json:"handles,omitzero"`
	Depth     Count `json:"depth,omitzero"`       // of calls between components
	FuelInAll Count `json:"fuel_in_all,omitzero"` // of all calls together

	// Of a call.
	FuelPerCall      Count    `json:"fuel_per_call,omitzero"`
	Deadline         Duration `json:"deadline,omitzero"`            // wall time, without waiting for an instance
	HostCallsPerCall Count    `json:"host_calls_per_call,omitzero"` // of all host functions
	HostBytesPerCall Size     `json:"host_bytes_per_call,omitzero"` // that they are handed over
	Lift             Size     `json:"lift,omitzero"`                // of one crossing

	// Of what an instance has of WASI: see [wasi.Config].
	OpenFiles    Count `json:"open_files,omitzero"`
	Sockets      Count `json:"sockets,omitzero"`
	Requests     Count `json:"requests,omitzero"` // under way at a time
	RequestBody  Size  `json:"request_body,omitzero"`
	ResponseBody Size  `json:"response_body,omitzero"`
	Output       Size  `json:"output,omitzero"` // of standard output and error that is kept, each

	// Of the plugin.
	Component    Size     `json:"component,omitzero"`     // the file
	PluginMemory Size     `json:"plugin_memory,omitzero"` // of all its instances
	Instances    Count    `json:"instances,omitzero"`
	MinIdle      Count    `json:"min_idle,omitzero"` // instances that are kept ready
	Queue        Count    `json:"queue,omitzero"`    // calls that wait for an instance
	MaxWait      Duration `json:"max_wait,omitzero"` // for one

	// Of an instance that is used more than once, after which another takes its
	// place. HighWater is of its memory.
	MaxCalls  Count    `json:"max_calls,omitzero"`
	MaxAge    Duration `json:"max_age,omitzero"`
	MaxIdle   Duration `json:"max_idle,omitzero"`
	HighWater Size     `json:"high_water,omitzero"`
}

// Without a deadline in a profile, a policy or a ceiling there is this one.
const defaultDeadline = Duration(time.Second)

// number is a limit with its name.
type number struct {
	name  string
	value reflect.Value // an int64
}

func (n number) zero() bool { return n.value.Int() == 0 }

// String returns the limit as people read it: "64 MiB".
func (n number) String() string {
	switch v := n.value.Interface().(type) {
	case Size:
		return v.format(" ")
	case Count:
		return v.String()
	case Duration:
		return v.String()
	}
	return n.value.String()
}

// numbers returns the limits, in order, for changes too.
func (l *Limits) numbers() iter.Seq[number] {
	return func(yield func(number) bool) {
		for f, v := range reflect.ValueOf(l).Elem().Fields() {
			name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
			if !yield(number{name, v}) {
				return
			}
		}
	}
}

// Or returns the limits, and where there are none those of the other.
func (l Limits) Or(other Limits) Limits {
	next, stop := iter.Pull(other.numbers())
	defer stop()
	for n := range l.numbers() {
		o, _ := next()
		if n.zero() {
			n.value.Set(o.value)
		}
	}
	return l
}

// And returns the least of each limit, where 0 is none.
func (l Limits) And(other Limits) Limits {
	both, _ := l.cut(other, "")
	return both
}

// cut is And that says what is less for the other.
func (l Limits) cut(other Limits, by string) (Limits, []Note) {
	var notes []Note
	next, stop := iter.Pull(other.numbers())
	defer stop()
	for n := range l.numbers() {
		o, _ := next()
		switch {
		case o.zero() || !n.zero() && n.value.Int() <= o.value.Int():
		case n.zero():
			notes = append(notes, Note{What: n.name, To: o.String(), By: by})
			n.value.Set(o.value)
		default:
			notes = append(notes, Note{What: n.name, From: n.String(), To: o.String(), By: by})
			n.value.Set(o.value)
		}
	}
	return l, notes
}

// RT returns the limits of an instance and of its calls for package rt. The
// budget is for who has the other instances of the plugin: see PluginMemory. The
// deadline is for who makes the calls.
func (l Limits) RT() rt.Limits {
	return rt.Limits{
		Memory:    int64(l.Memory),
		Stack:     int64(l.Stack),
		Tables:    atMost(l.Tables),
		Handles:   atMost(l.Handles),
		Depth:     atMost(l.Depth),
		AllFuel:   uint64(max(l.FuelInAll, 0)),
		Fuel:      uint64(max(l.FuelPerCall, 0)),
		HostCalls: int64(l.HostCallsPerCall),
		HostBytes: int64(l.HostBytesPerCall),
		Lift:      int64(l.Lift),
	}
}
