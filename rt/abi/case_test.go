package abi

import "testing"

func TestCase(t *testing.T) {
	var m Mem
	if got := m.Case("level", 2, 3); got != 2 || m.Err() != nil {
		t.Errorf("got %d, %v", got, m.Err())
	}
	if got := m.Case("level", 3, 3); got != 0 || m.Err() == nil || m.Err().Error() != "enum level has no case 3" {
		t.Errorf("got %d, %v", got, m.Err())
	}
	if m.fault != faultValue {
		t.Error("the guest is blamed")
	}
}

func TestNoCase(t *testing.T) {
	for _, tt := range []struct {
		v    any
		want string
	}{
		{nil, "variant shape is nil"},
		{new(int), "variant shape has no case *int"},
	} {
		var m Mem
		m.NoCase("shape", tt.v)
		if m.Err() == nil || m.Err().Error() != tt.want || m.fault != faultValue {
			t.Errorf("%v: got %v, want %s", tt.v, m.Err(), tt.want)
		}
	}
}

func TestFlagNames(t *testing.T) {
	for _, tt := range []struct {
		v    uint32
		want string
	}{
		{0, "{}"}, {1, "{read}"}, {3, "{read, write}"}, {6, "{write, 0x4}"},
	} {
		if got := FlagNames(tt.v, "read", "write"); got != tt.want {
			t.Errorf("%#x: got %s, want %s", tt.v, got, tt.want)
		}
	}
}
