package cm_test

import (
	"errors"
	"fmt"
	"testing"

	"github.com/witgen/witgen/rt/cm"
)

func TestOption(t *testing.T) {
	m := map[string]int{"a": 0}
	v, ok := m["a"]
	some := cm.OptionOf(v, ok)
	v, ok = m["b"]
	none := cm.OptionOf(v, ok)
	if some != cm.Some(0) || none != cm.None[int]() || some == none {
		t.Errorf("some = %v, none = %v", some, none)
	}
	if v, ok := some.Get(); v != 0 || !ok || !some.IsSome() {
		t.Errorf("get of %v = %v, %v", some, v, ok)
	}
	if v, ok := none.Get(); v != 0 || ok || none.IsSome() {
		t.Errorf("get of %v = %v, %v", none, v, ok)
	}
	if some.Or(7) != 0 || none.Or(7) != 7 {
		t.Errorf("or: %v, %v", some.Or(7), none.Or(7))
	}
	nested := cm.Some(cm.None[int]())
	if got := fmt.Sprint(nested, cm.None[string]()); got != "some(none) none" {
		t.Errorf("printed as %q", got)
	}
}

func TestResult(t *testing.T) {
	ok, fail := cm.OK[int, string](3), cm.Fail[int]("broken")
	if v, is := ok.OK(); v != 3 || !is {
		t.Errorf("OK of %v = %v, %v", ok, v, is)
	}
	if _, is := ok.Err(); is {
		t.Errorf("%v is an error", ok)
	}
	if e, is := fail.Err(); e != "broken" || !is {
		t.Errorf("Err of %v = %v, %v", fail, e, is)
	}
	if _, is := fail.OK(); is {
		t.Errorf("%v is ok", fail)
	}
	if ok != cm.OK[int, string](3) || ok == fail {
		t.Error("results do not compare")
	}
	if got := fmt.Sprint(ok, fail); got != "ok(3) err(broken)" {
		t.Errorf("printed as %q", got)
	}
}

func TestErr(t *testing.T) {
	err := fmt.Errorf("outer: %w", cm.Errorf("disk %d is full", 3))
	e, ok := errors.AsType[cm.Err[string]](err)
	if !ok || e.Value != "disk 3 is full" || err.Error() != "outer: disk 3 is full" {
		t.Errorf("%v holds %v, %v", err, e, ok)
	}
	if _, ok := errors.AsType[cm.Err[int]](err); ok {
		t.Error("an error of one type is found as another")
	}
	if got := (cm.Err[struct{}]{}).Error(); got != "result is err" {
		t.Errorf("an error without a payload reads %q", got)
	}
}

func TestTuple(t *testing.T) {
	if p := cm.T2("a", 1); p != (cm.Tuple2[string, int]{F0: "a", F1: 1}) {
		t.Errorf("T2 = %v", p)
	}
	if p := cm.T4(1, 2, 3, 4); p.F0+p.F1*10+p.F2*100+p.F3*1000 != 4321 {
		t.Errorf("T4 = %v", p)
	}
}
