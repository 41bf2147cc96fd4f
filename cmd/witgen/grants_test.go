package main

import (
	"testing"

	"github.com/witgen/witgen/rt/wasi"
)

func TestDirectory(t *testing.T) {
	for in, want := range map[string]wasi.Dir{
		".":               {Host: ".", Guest: "."},
		"/srv/data":       {Host: "/srv/data", Guest: "/srv/data"},
		"data:rw":         {Host: "data", Guest: "data", Write: true},
		"data:ro":         {Host: "data", Guest: "data"},
		"data:/data":      {Host: "data", Guest: "/data"},
		"data:/data:ro":   {Host: "data", Guest: "/data"},
		"data:/data:rw":   {Host: "data", Guest: "/data", Write: true},
		"data:rw:rw":      {Host: "data", Guest: "rw", Write: true},
		"data:.":          {Host: "data", Guest: "."},
		"a b:c d":         {Host: "a b", Guest: "c d"},
		"":                {},
		":":               {},
		":/data":          {},
		"data:":           {},
		":rw":             {},
		"data:/data:rx":   {},
		"data:/data:rw:x": {},
	} {
		got, err := directory(in)
		if err != nil {
			got = wasi.Dir{}
		}
		if got != want {
			t.Errorf("%q: got %+v, %v, want %+v", in, got, err, want)
		}
	}
}
