package wasi

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync/atomic"

	"github.com/witgen/witgen/rt"
	"github.com/witgen/witgen/rt/wasi/internal/audit"
	"github.com/witgen/witgen/rt/wasi/internal/cli"
	"github.com/witgen/witgen/rt/wasi/internal/clock"
	"github.com/witgen/witgen/rt/wasi/internal/fs"
	"github.com/witgen/witgen/rt/wasi/internal/policy"
	"github.com/witgen/witgen/rt/wasi/internal/poll"
	"github.com/witgen/witgen/rt/wasi/internal/web"
	"github.com/witgen/witgen/rt/wasi/p2/cli/terminalinput"
	"github.com/witgen/witgen/rt/wasi/p2/cli/terminaloutput"
	"github.com/witgen/witgen/rt/wasi/p2/io/ioerror"
	iopoll "github.com/witgen/witgen/rt/wasi/p2/io/poll"
	"github.com/witgen/witgen/rt/wasi/p2/io/streams"
	"github.com/witgen/witgen/rt/wasi/p2/sockets/tcp"
	"github.com/witgen/witgen/rt/wasi/p2/sockets/udp"
)

// Imports returns WASI for one instance. Directories are opened when that
// starts, which fails if one cannot be; when it ends, all that it had open is
// closed, and what it wrote is written.
func Imports(c Config) []rt.Import {
	_, all := begin(c)
	return all
}

// begin returns what an instance has, and its imports.
func begin(c Config) (*host, []rt.Import) {
	h := &host{config: c, audit: c.Audit}
	h.policy, h.wrong = policy.New(c.Network)
	all := []rt.Import{
		own(errorImport), own(pollImport), lend(own(streamsImport)),
	}
	all[0].Open, all[0].Close = h.open, h.close
	return h, slices.Concat(all, h.process(), h.standard(), h.clocks(), h.random(), h.filesystem(), h.sockets(), h.http(),
		h.settings(), h.logging(), h.keyvalue())
}

// What knows nothing of its instance is made once, for all.
var (
	errorImport   = ioerror.Import()
	pollImport    = iopoll.Import(poll.Poll{})
	streamsImport = streams.Import()
	inputImport   = terminalinput.Import()
	outputImport  = terminaloutput.Import()
	tcpImport     = tcp.Import()
	udpImport     = udp.Import()
)

// own returns an import whose parts are the caller's.
func own(im rt.Import) rt.Import {
	im.Funcs, im.Resources = slices.Clone(im.Funcs), slices.Clone(im.Resources)
	return im
}

// host is what one instance has.
type host struct {
	config Config
	audit  audit.Log
	life   poll.Life
	policy *policy.Policy // nil denies all
	files  fs.FS
	opened atomic.Bool
	wrong  error // with the config

	exit      cli.Exit
	stdio     *cli.Stdio
	monotonic *clock.Monotonic
	web       *web.Host
}

var errTwice = errors.New("wasi.Imports are for one instance, and have had it: call it for each")

// open begins the life of the instance.
func (h *host) open(context.Context) error {
	if h.opened.Swap(true) {
		return errTwice
	}
	if h.wrong != nil {
		return fmt.Errorf("wasi: %w", h.wrong)
	}
	h.monotonic.Begin()
	return h.openFiles() // last: if this fails, nothing is left to close
}

// close ends it: nothing waits any more, and nothing is begun. What the streams
// have of the caller's is given back once nothing uses it, however late.
func (h *host) close(ctx context.Context) error {
	defer h.web.TellLate(ctx)
	return h.life.EndWith(ctx, h.stdio.Close)
}
