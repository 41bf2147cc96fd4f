package rollout

import (
	"math"
	"slices"
	"testing"
	"time"
)

func TestDefaults(t *testing.T) {
	r := Ramp{}.WithDefaults()
	if !slices.Equal(r.Steps, []float64{0.01, 0.05, 0.25, 1}) || r.MinSamples != 200 || r.Windows != 3 || r.Window != 30*time.Second ||
		r.MinTime != 90*time.Second || r.BadWindows != 2 || r.Slower != 1.25 || r.Risk != 0.008 {
		t.Errorf("defaults are %+v", r)
	}
	if err := r.Validate(); err != nil {
		t.Error(err)
	}
	r = Ramp{Windows: 5, Window: time.Minute}.WithDefaults()
	if r.MinTime != 5*time.Minute {
		t.Errorf("minimum time is %v, want that of 5 windows", r.MinTime)
	}
}

func TestValidate(t *testing.T) {
	hundred := make([]float64, 101)
	for i := range hundred {
		hundred[i] = float64(i+1) / 101
	}
	for _, tt := range []struct {
		name string
		in   Ramp
		want string
	}{
		{"none", Ramp{}, ""},
		{"one step", Ramp{Steps: []float64{1}}, ""},
		{"ends below 1", Ramp{Steps: []float64{0.001, 0.1}}, ""},
		{"100 steps", Ramp{Steps: hundred[1:]}, ""},
		{"101 steps", Ramp{Steps: hundred}, "ramp: 101 steps, at most 100"},
		{"percent", Ramp{Steps: []float64{0.5, 5}}, "ramp: step 2: share 5 is above 1; shares are fractions, 5% is 0.05"},
		{"zero", Ramp{Steps: []float64{0, 1}}, "ramp: step 1: share 0 is not above 0"},
		{"not a number", Ramp{Steps: []float64{0.1, math.NaN(), 1}}, "ramp: step 2: share NaN is not above 0"},
		{"endless", Ramp{Steps: []float64{math.Inf(1)}}, "ramp: step 1: share +Inf is above 1; shares are fractions, 5% is 0.05"},
		{"falls", Ramp{Steps: []float64{0.25, 0.05, 0.05}}, "ramp: step 2: share 0.05 is not above 0.25 of the step before\nramp: step 3: share 0.05 is not above 0.25 of the step before"},
		{"again", Ramp{Steps: []float64{0.25, 0.25}}, "ramp: step 2: share 0.25 is not above 0.25 of the step before"},
		{"below zero", Ramp{MinTime: -1, MinSamples: -1, Windows: -1, BadWindows: -1}, "ramp: minimum time -1ns is not above 0 and at most 8760h0m0s\n" +
			"ramp: minimum samples -1 are not above 0\nramp: -1 windows are not from 1 to 10000\nramp: -1 bad windows are not from 1 to 10000"},
		{"window too short", Ramp{Window: time.Millisecond}, "ramp: window 1ms is not from 100ms to 8760h0m0s"},
		{"time overflows", Ramp{Windows: 10_000, Window: maxTime, MinTime: time.Hour}, ""},
		{"faster", Ramp{Slower: 0.5}, "ramp: slower 0.5 is not from 1 to 1000: it is a factor"},
		{"not a factor", Ramp{Slower: math.NaN()}, "ramp: slower NaN is not from 1 to 1000: it is a factor"},
		{"risk", Ramp{Risk: 1}, "ramp: risk 1 is not above 0 and at most 0.2"},
		{"no risk", Ramp{Risk: math.NaN()}, "ramp: risk NaN is not above 0 and at most 0.2"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got := ""
			if err := tt.in.Validate(); err != nil {
				got = err.Error()
			}
			if got != tt.want {
				t.Errorf("got  %s\nwant %s", got, tt.want)
			}
		})
	}
}
