// Package wasi gives guests WASI 0.2: the clock, files, sockets, HTTP that a
// component built for it imports.
//
// Nothing is granted that a [Config] does not name: with the zero Config all
// functions are there and a guest starts, but it sees no file, no environment, no
// network, reads nothing and writes to nowhere. Whatever is denied is denied
// when it is called, with the error that WASI has for that, and told to
// Config.Audit.
//
//	p, err := plugin.Instantiate(ctx, component, imports, rt.InstanceConfig{
//		Imports: wasi.Imports(wasi.Config{
//			Stdout: os.Stdout,
//			Dirs:   []wasi.Dir{{Host: "/srv/data", Guest: "/data"}},
//		}),
//	})
//
// An import of any version 0.2 links. Of the drafts wasi:config, wasi:logging and
// wasi:keyvalue those versions link that package draft has, and no others.
//
// Packages below p2 and draft have the interfaces in Go, for hosts that implement
// one themselves: what they put before these imports is taken. A stream of a host's
// own, which it gives to a guest, may not keep what the guest writes to it for
// longer than the call, as is the rule for an io.Writer.
package wasi
