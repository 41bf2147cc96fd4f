package rt

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/witgen/witgen/rt/abi"
	"github.com/witgen/witgen/rt/internal/dyn"
	"github.com/witgen/witgen/rt/internal/handle"
	"github.com/witgen/witgen/rt/internal/plan"
	"github.com/witgen/witgen/wit"
)

const suite = "../../shared/spec/"

// callsDone is how many of the suite's commands of these kinds are run, not
// skipped. It may only rise: a component that compiled must not come to be
// skipped as one that is not supported.
const callsDone = 421

// TestConformanceCalls runs what the official suite says of values, resources
// and linking: component instances that call each other, in binaries. What the
// runtime refuses by name is skipped.
func TestConformanceCalls(t *testing.T) {
	var files []string
	for _, dir := range []string{"values", "resources", "linking"} {
		scripts, err := filepath.Glob(suite + dir + "/*.json")
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, scripts...)
	}
	if len(files) == 0 {
		t.Skip("the official suite is not here: ../shared/spec")
	}
	done := 0
	for _, file := range files {
		t.Run(strings.TrimPrefix(file, suite), func(t *testing.T) { done += runScript(t, file) })
	}
	t.Logf("ran %d commands", done)
	if done < callsDone {
		t.Errorf("ran %d commands, before it were %d", done, callsDone)
	}
}

// script is a list of commands; the format is that of ../shared/spec/README.md.
type script struct {
	Commands []struct {
		Type, Filename, Name, Instance, Component, Text string
		Line                                            int
		Action                                          struct {
			Instance, Field string
			Args            []json.RawMessage
		}
		Expected []json.RawMessage
	}
}

// runScript returns how many commands it did not skip.
func runScript(t *testing.T, file string) (done int) {
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var s script
	if err := json.Unmarshal(b, &s); err != nil {
		t.Fatal(err)
	}
	e, err := NewEngine(t.Context(), Config{})
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close(context.Background())
	components := make(map[string]*Component)
	instances := make(map[string]*Instance)
	for _, c := range s.Commands {
		t.Run(fmt.Sprintf("%d %s", c.Line, c.Type), func(t *testing.T) {
			defer func() {
				if !t.Skipped() {
					done++
				}
			}()
			// "" is the component or instance made last.
			switch c.Type {
			case "component", "component_definition":
				components[c.Name], instances[""] = nil, nil
				wasm, err := os.ReadFile(filepath.Join(filepath.Dir(file), c.Filename))
				if err != nil {
					t.Fatal(err)
				}
				component, err := e.Compile(t.Context(), wasm)
				if err != nil {
					beyond(t, err)
				}
				components[c.Name] = component
				if c.Type == "component" {
					instances[""] = instantiate(t, component)
					instances[c.Name] = instances[""]
				}
			case "component_instance":
				instances[""] = nil
				if components[c.Component] == nil {
					t.Skip("its component did not compile")
				}
				instances[""] = instantiate(t, components[c.Component])
				instances[c.Instance] = instances[""]
			case "assert_return", "assert_trap":
				in := instances[c.Action.Instance]
				if in == nil {
					t.Skip("its instance was not made")
				}
				got, result, err := invoke(in, c.Action.Field, c.Action.Args)
				switch {
				case c.Type == "assert_trap" && (err == nil || !strings.Contains(err.Error(), c.Text)):
					t.Errorf("%s = %v, %v; want trap %q", c.Action.Field, got, err, c.Text)
				case c.Type == "assert_trap":
				case err != nil:
					t.Errorf("%s: %v", c.Action.Field, err)
				case len(c.Expected) == 1:
					if want := valueOf(result, c.Expected[0]); !same(got, want) {
						t.Errorf("%s = %v, want %v", c.Action.Field, got, want)
					}
				}
			default:
				t.Skip("another phase's test has these")
			}
		})
	}
	return done
}

// beyond skips for what the runtime does not run, and fails for all else.
func beyond(t *testing.T, err error) {
	for _, known := range []string{"not supported", "at most one memory", "invalid memory alignment"} { // the last two: multi-memory
		if strings.Contains(err.Error(), known) {
			t.Skip(err)
		}
	}
	t.Fatal(err)
}

// instantiate links a component to a world of its own exports.
func instantiate(t *testing.T, c *Component) *Instance {
	w := World{Name: "its own"}
	for _, e := range c.plan.Exports {
		x := &abi.Interface{Name: e.Interface}
		for _, f := range e.Funcs {
			x.Funcs = append(x.Funcs, abi.FuncType{Name: f.Name, Type: wit.FuncText(c.plan.Lifts[f.Lift].Func)})
		}
		w.Exports = append(w.Exports, x)
	}
	l, err := c.Link(w)
	if err != nil {
		t.Fatal(err)
	}
	in, err := l.Instantiate(t.Context(), nil, InstanceConfig{})
	if err != nil {
		t.Fatal(err)
	}
	return in
}

// invoke calls a function of the world itself.
func invoke(in *Instance, name string, args []json.RawMessage) (any, wit.Type, error) {
	p := in.linked.component.plan
	if len(p.Exports) == 0 || p.Exports[0].Interface != "" {
		return nil, nil, fmt.Errorf("no function %q", name)
	}
	i := slices.IndexFunc(p.Exports[0].Funcs, func(f plan.ExportFunc) bool { return f.Name == name })
	if i < 0 {
		return nil, nil, fmt.Errorf("no function %q", name)
	}
	lift := &p.Lifts[p.Exports[0].Funcs[i].Lift]
	f, err := dyn.Lift(lift.Func)
	if err != nil {
		return nil, nil, err
	}
	values := make([]any, len(args))
	for i, a := range args {
		values[i] = valueOf(lift.Func.Params[i].Type, a)
	}
	c, err := in.exports[0][i].Enter(context.Background())
	if err != nil {
		return nil, nil, err
	}
	var scope handle.Scope
	x := &dyn.Context{Mem: &c.Mem, Table: &in.comps[0].Handles, Scope: &scope, Resource: in.resourceOf(lift.Types)}
	f.LowerParams(x, c.Flat, values)
	c.Invoke()
	got := f.LiftResult(x, c.Flat)
	return got, lift.Func.Result, c.Leave()
}

// same compares values; NaNs are equal.
func same(a, b any) bool {
	if reflect.DeepEqual(a, b) {
		return true
	}
	return fmt.Sprintf("%T %v", a, a) == fmt.Sprintf("%T %v", b, b) // with NaNs inside
}

// valueOf returns a value of a script as dyn has it.
func valueOf(t wit.Type, raw json.RawMessage) any {
	var v struct {
		Type, Case string
		Value      json.RawMessage
	}
	_ = json.Unmarshal(raw, &v) // an element of a list may stand without its type
	if v.Type == "" {
		v.Value = raw
	}
	for {
		def, ok := t.(*wit.TypeDef)
		if !ok {
			break
		}
		t = def.Type
	}
	payload := func(i int, t wit.Type) any {
		if t == nil {
			return dyn.Variant{Case: uint32(i)}
		}
		return dyn.Variant{Case: uint32(i), Value: valueOf(t, v.Value)}
	}
	switch t := t.(type) {
	case wit.Primitive:
		return primitiveOf(t, v.Value)
	case *wit.List:
		if t.Elem == wit.U8 {
			b := []byte{}
			for _, e := range parts[json.RawMessage](v.Value) {
				b = append(b, valueOf(t.Elem, e).(uint8))
			}
			return b
		}
		out := []any{}
		for _, e := range parts[json.RawMessage](v.Value) {
			out = append(out, valueOf(t.Elem, e))
		}
		return out
	case *wit.Tuple:
		out := []any{}
		for i, e := range parts[json.RawMessage](v.Value) {
			out = append(out, valueOf(t.Types[i], e))
		}
		return out
	case *wit.Record:
		out := []any{}
		for i, e := range parts[[2]json.RawMessage](v.Value) {
			out = append(out, valueOf(t.Fields[i].Type, e[1]))
		}
		return out
	case *wit.Variant:
		i := slices.IndexFunc(t.Cases, func(c wit.Case) bool { return c.Name == v.Case })
		return payload(i, t.Cases[i].Type)
	case *wit.Enum:
		name := text(v.Value)
		return dyn.Variant{Case: uint32(slices.IndexFunc(t.Cases, func(c wit.Label) bool { return c.Name == name }))}
	case *wit.Flags:
		var bits uint32
		for _, name := range parts[string](v.Value) {
			bits |= 1 << slices.IndexFunc(t.Flags, func(f wit.Label) bool { return f.Name == name })
		}
		return bits
	case *wit.Option:
		if string(v.Value) == "null" {
			return dyn.Variant{}
		}
		return payload(1, t.Elem)
	case *wit.Result:
		if v.Case == "ok" {
			return payload(0, t.OK)
		}
		return payload(1, t.Err)
	}
	panic(fmt.Sprintf("the suite has no values of %T", t))
}

func parts[T any](raw json.RawMessage) (list []T) {
	if err := json.Unmarshal(raw, &list); err != nil {
		panic(err)
	}
	return list
}

func text(raw json.RawMessage) (s string) {
	if err := json.Unmarshal(raw, &s); err != nil {
		panic(err)
	}
	return s
}

func primitiveOf(p wit.Primitive, raw json.RawMessage) any {
	if p == wit.Bool {
		return string(raw) == "true"
	}
	s := text(raw)
	n, err := strconv.ParseInt(s, 0, 64)
	if err != nil {
		u, _ := strconv.ParseUint(s, 0, 64)
		n = int64(u)
	}
	f := math.NaN()
	if !strings.HasPrefix(strings.TrimPrefix(s, "-"), "nan") {
		f, _ = strconv.ParseFloat(s, 64)
	}
	switch p {
	case wit.U8:
		return uint8(n)
	case wit.S8:
		return int8(n)
	case wit.U16:
		return uint16(n)
	case wit.S16:
		return int16(n)
	case wit.U32:
		return uint32(n)
	case wit.S32:
		return int32(n)
	case wit.U64:
		return uint64(n)
	case wit.S64:
		return n
	case wit.F32:
		return float32(f)
	case wit.F64:
		return f
	case wit.Char:
		r, _ := utf8.DecodeRuneInString(s)
		return r
	}
	return s
}
