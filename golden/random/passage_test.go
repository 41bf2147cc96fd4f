package random_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/witgen/witgen/internal/echo"
	"github.com/witgen/witgen/rt"
	"github.com/witgen/witgen/wit"
)

// holdingPair is two versions of a random world with resources as they are registered.
type holdingPair struct {
	world
	older, newest string
	make          []map[string]func(uint64, func(any, string, []any) []any) any
	recorders     []func(answer) any // of the newest version's interfaces
	start         func(context.Context, *rt.Component, func(imports any), rt.InstanceConfig) (any, *rt.Instance, error)
}

// holdingPairs are registered by a file in the overlay.
var holdingPairs []holdingPair

// TestPassage has hosts of the newest version call themselves through guests of the
// older one, so that each value goes down and up, and resources as well:
//
//	caller -> newest -> older -> guest -> older -> newest -> host
//
// What only the older version says gets on its way if one end is dynamic: the caller, or
// the host. See TestRandomPairs.
func TestPassage(t *testing.T) {
	if len(holdingPairs) == 0 {
		t.Skip("there are no random pairs with resources: TestRandomPairs runs this")
	}
	ctx := context.Background()
	e, err := rt.NewEngine(ctx, rt.Config{})
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close(ctx)
	done := make(tally)
	for n := range holdingPairs {
		t.Run(fmt.Sprintf("random-w%d", holdingFirst+n), func(t *testing.T) {
			x := newPassage(&holdingPairs[n], rand.New(rand.NewPCG(*seed, uint64(n))), done)
			if err := x.run(ctx, e); err != nil {
				t.Fatalf("random-w%d: %.10000s\n%s\n%s", holdingFirst+n, err, shown(x.older), shown(x.newest))
			}
		})
	}
	t.Logf("summary: %v", done)
	if len(holdingPairs) >= 10 {
		for _, what := range []string{"through", "lossy as argument down", "lossy as argument up", "lossy as result down", "lossy as result up", "yours", "not exported"} {
			if done[what] == 0 {
				t.Errorf("nothing is %s", what)
			}
		}
	}
}

// route is what a call passes: which of the stages.
type route []int

// stages are the conversions of a call, in their order.
var stages = [4]string{"argument down", "argument up", "result down", "result up"}

// The routes: between ends of the newest version, from a caller of the older one, and
// to a host of the older one.
var (
	around    = route{0, 1, 2, 3}
	fromOlder = route{1, 2}
	toOlder   = route{0, 3}
)

// passage is the use of a pair.
type passage struct {
	*holdingPair
	r        *rand.Rand
	done     tally
	old, now *wit.World

	route  route
	guest  *rt.Component
	fields reflect.Value // of the world's instance
	in     *rt.Instance
	hosts  []rt.HostInstance // of the older version

	called  []string // methods of the host, but tags and what is spawned
	self    thing
	got     []any // by a host of the newest version
	give    []any
	gotOld  []rt.Value // by one of the older
	giveOld rt.Value
}

func newPassage(p *holdingPair, r *rand.Rand, done tally) *passage {
	x := &passage{holdingPair: p, r: r, done: done}
	x.things = &things{
		make: make(map[string]func(uint64, func(any, string, []any) []any) any), answer: x.answer,
		host: make(map[thing]any), caller: make(map[thing]any), older: make(map[thing]*rt.Resource), ended: make(map[thing]int),
	}
	for _, m := range p.make {
		maps.Copy(x.things.make, m)
	}
	return x
}

// answer is that of all recorders.
func (x *passage) answer(self any, method string, args []any) []any {
	switch name, spawned := strings.CutPrefix(method, "Spawn"); {
	case method == "Tag":
		return []any{x.things.of(self).number, nil}
	case method == "Close" && self != nil:
		x.things.ended[x.things.of(self)]++
		return []any{nil}
	case spawned:
		return []any{x.things.host[x.things.add(x.nameOf(name))], nil}
	}
	x.called = append(x.called, method)
	x.got = args
	if self != nil {
		x.self = x.things.of(self)
	}
	return x.give
}

// nameOf returns the name of a resource that goes by another in Go.
func (x *passage) nameOf(as string) string {
	for _, i := range x.now.Package.Interfaces {
		for _, d := range i.Types {
			if alike(as, d.Name) {
				return d.Name
			}
		}
	}
	return as
}

func (x *passage) run(ctx context.Context, e *rt.Engine) error {
	var err error
	if x.old, err = load(x.older); err != nil {
		return err
	}
	if x.now, err = load(x.newest); err != nil {
		return err
	}
	for _, r := range []route{around, fromOlder, toOlder} {
		x.route = r
		gone, err := x.take(ctx, e)
		if err != nil {
			return fmt.Errorf("by way of %v: %w", r, err)
		}
		if gone {
			return nil
		}
	}
	return nil
}

// take makes the calls of a route. If the newest version lacks an import there are
// none.
func (x *passage) take(ctx context.Context, e *rt.Engine) (gone bool, err error) {
	w := x.old
	if x.toOlder() {
		w = x.hostOlder()
	}
	if x.guest, err = compile(ctx, e, w, echo.Encodings[x.r.IntN(3)]); err != nil {
		return false, err
	}
	if gone, err := x.begin(ctx); err != nil || gone {
		return gone, err
	}
	defer func() { x.in.Close(ctx) }()
	items, call := x.now.Exports, x.call
	if x.fromOlder() {
		items, call = x.old.Exports, x.callOlder
	}
	for _, item := range items {
		for _, fn := range item.Interface.Funcs {
			if settled(fn) {
				continue
			}
			for range *rounds {
				err := call(ctx, item.Interface, fn)
				if errors.Is(err, errGone) {
					x.done["gone"]++
					err = x.again(ctx)
					x.things.forget()
				}
				if err != nil {
					return false, fmt.Errorf("%s.%s: %w", item.Interface.Name, fn.Name, err)
				}
			}
		}
	}
	return false, nil
}

func (x *passage) fromOlder() bool { return x.route[0] == fromOlder[0] }
func (x *passage) toOlder() bool   { return len(x.route) == 2 && !x.fromOlder() }

// begin starts an instance. It is the user's function that fails where the newest
// version has no import any more.
func (x *passage) begin(ctx context.Context) (gone bool, err error) {
	lacks := slices.ContainsFunc(x.old.Imports, func(i *wit.WorldItem) bool {
		return len(i.Interface.Funcs) > 0 && itemOf(x.now.Imports, i.Interface.Name) == nil
	})
	defer func() {
		if p := recover(); p != nil {
			gone = lacks && strings.Contains(fmt.Sprint(p), "this function is yours")
			if !gone {
				err = fmt.Errorf("panic: %v", p)
				return
			}
			x.done["no import"]++
		}
	}()
	fillImports := func(imports any) {
		v := reflect.ValueOf(imports).Elem()
		for k := range v.NumField() {
			for _, make := range x.recorders {
				r := reflect.ValueOf(make(func(method string, args []any) []any { return x.answer(nil, method, args) }))
				if r.Type().Implements(v.Type().Field(k).Type) {
					v.Field(k).Set(r)
				}
			}
		}
	}
	p, in, err := x.start(ctx, x.guest, fillImports, rt.InstanceConfig{Host: x.hosts})
	if err != nil {
		return false, err
	}
	if lacks {
		return false, errors.New("an instance starts without an import that the user has to make")
	}
	x.fields, x.in = reflect.ValueOf(p).Elem(), in
	return false, nil
}

// itemOf returns the interface of a name; nil if there is none.
func itemOf(items []*wit.WorldItem, name string) *wit.Interface {
	for _, i := range items {
		if i.Interface.Name == name {
			return i.Interface
		}
	}
	return nil
}

// funcOf returns the function of a name; nil if there is none.
func funcOf(i *wit.Interface, name string) *wit.Func {
	if i != nil {
		for _, f := range i.Funcs {
			if f.Name == name {
				return f
			}
		}
	}
	return nil
}

// field returns what the instance exports as an interface; no value for nothing.
func (x *passage) field(name string) reflect.Value {
	v := x.fields.FieldByNameFunc(func(field string) bool { return alike(field, name) })
	if get := v.MethodByName("Get"); get.IsValid() && v.Kind() == reflect.Struct {
		out := get.Call(nil)
		if !out[1].Bool() {
			return reflect.Value{}
		}
		v = out[0]
	}
	return v
}

// methodName returns what a function is called in Go, as alike compares names.
func methodName(f *wit.Func) string {
	_, name, _ := strings.Cut(f.Name, ".")
	switch f.Kind {
	case wit.Constructor:
		return "new" + f.Resource.Name
	case wit.Method:
		return name
	case wit.Static:
		return f.Resource.Name + name
	}
	return f.Name
}

// methodOf returns a method by that name.
func methodOf(v reflect.Value, name string) reflect.Value {
	for k := range v.NumMethod() {
		if alike(v.Type().Method(k).Name, name) {
			return v.Method(k)
		}
	}
	return reflect.Value{}
}

// shown returns the text of a world, of long lists their beginning.
func shown(text string) string { return long.ReplaceAllString(text, "  ...\n") }

var long = regexp.MustCompile(`(?m)(^ *l\d+,\n)+`)
