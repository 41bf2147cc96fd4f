package gen

import (
	"testing"
	"testing/fstest"

	"github.com/witgen/witgen/wit"
)

const withWIT = `package acme:app@1.2.3;
interface store { f: func(); }
world w {
	import store;
	import wasi:io/streams@0.2.6;
	import wasi:io/%type@0.2.6;
	import wasi:io/poll@0.3.0-rc-1;
}
package wasi:io@0.2.6 {
	interface streams { f: func(); }
	interface %type { f: func(); }
}
package wasi:io@0.3.0-rc-1 {
	interface poll { f: func(); }
}
`

// TestWith looks at where interfaces have their packages, and by which names
// files go by them.
func TestWith(t *testing.T) {
	pkg, err := wit.LoadFS(fstest.MapFS{"app.wit": {Data: []byte(withWIT)}}, "app.wit", wit.Options{})
	if err != nil {
		t.Fatal(err)
	}
	w, err := pkg.ChooseWorld("")
	if err != nil {
		t.Fatal(err)
	}
	const root = "example.com/app/api"
	for _, tt := range []struct {
		name         string
		with, rename map[string]string
		of           string
		want, goName string
		generated    bool
	}{
		{name: "none", of: "acme:app/store@1.2.3", want: root + "/store", goName: "store", generated: true},
		{name: "own, short", with: map[string]string{"store": "x.org/y/kv"}, of: "acme:app/store@1.2.3", want: "x.org/y/kv", goName: "kv"},
		{name: "own, long", with: map[string]string{"acme:app/store": "x.org/y"}, of: "acme:app/store@1.2.3", want: "x.org/y", goName: "y"},
		{name: "own, all", with: map[string]string{"*": "x.org/*"}, of: "acme:app/store@1.2.3", want: "x.org/store", goName: "store"},
		{name: "own track", with: map[string]string{"store@1": "x.org/y"}, of: "acme:app/store@1.2.3", want: "x.org/y", goName: "y"},
		{name: "any version", with: map[string]string{"wasi:io/streams": "x.org/s"}, of: "wasi:io/streams@0.2.6", want: "x.org/s", goName: "s"},
		{name: "track", with: map[string]string{"wasi:io/streams@0.2": "x.org/s"}, of: "wasi:io/streams@0.2.6", want: "x.org/s", goName: "s"},
		{
			name: "another track", with: map[string]string{"wasi:io/*@0.2": "x.org/*"}, of: "wasi:io/poll@0.3.0-rc-1",
			want: root + "/wasi/io/v0_3_0_rc_1/poll", goName: "poll", generated: true,
		},
		{name: "a pre-release", with: map[string]string{"wasi:io/poll@0.3.0-rc-1": "x.org/s"}, of: "wasi:io/poll@0.3.0-rc-1", want: "x.org/s", goName: "s"},
		{
			name: "the version before the track", of: "wasi:io/streams@0.2.6", want: "x.org/version", goName: "version",
			with: map[string]string{"wasi:io/streams": "x.org/any", "wasi:io/streams@0.2": "x.org/track", "wasi:io/streams@0.2.6": "x.org/version"},
		},
		{
			name: "the track before any", of: "wasi:io/streams@0.2.6", want: "x.org/track", goName: "track",
			with: map[string]string{"wasi:io/streams": "x.org/any", "wasi:io/streams@0.2": "x.org/track"},
		},
		{
			name: "the interface before the package", of: "wasi:io/streams@0.2.6", want: "x.org/any", goName: "streams",
			with: map[string]string{"wasi:io/streams": "x.org/any", "wasi:io/*@0.2.6": "x.org/*"},
		},
		{
			name: "the rest of the package", of: "wasi:io/type@0.2.6", want: "x.org/all/iotype", goName: "iotype",
			with: map[string]string{"wasi:io/streams": "x.org/one", "wasi:io/*@0.2.6": "x.org/all/*"},
		},
		{
			name: "renamed", of: "wasi:io/type@0.2.6", want: "x.org/kind", goName: "kind",
			with: map[string]string{"wasi:io/*": "x.org/*"}, rename: map[string]string{"wasi:io/type@0.2.6": "Kind"},
		},
		{name: "a path without a name", with: map[string]string{"store": "x.org/store/v2"}, of: "acme:app/store@1.2.3", want: "x.org/store/v2", goName: "store"},
		{name: "a path that is no name", with: map[string]string{"store": "x.org/go-kv"}, of: "acme:app/store@1.2.3", want: "x.org/go-kv", goName: "store"},
		{name: "below the root", with: map[string]string{"store": root + "/other/store"}, of: "acme:app/store@1.2.3", want: root + "/other/store", goName: "store"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			p, err := newPlan(w, Options{PackageRoot: root, With: tt.with, Rename: tt.rename})
			if err != nil {
				t.Fatal(err)
			}
			for _, i := range p.interfaces {
				if i.id != tt.of {
					continue
				}
				if i.pkg.path != tt.want || i.pkg.exists() == tt.generated {
					t.Errorf("got %s (exists: %t), want %s", i.pkg.path, i.pkg.exists(), tt.want)
				}
				if i.pkg.name != tt.goName {
					t.Errorf("got name %s, want %s", i.pkg.name, tt.goName)
				}
				return
			}
			t.Errorf("no interface %s", tt.of)
		})
	}
}
