package wasihttp

import (
	"crypto/rand"
	"encoding/hex"
	"log/slog"
	"net/http"
	"strconv"
	"sync/atomic"
	"time"

	"github.com/witgen/witgen/rt"
	"github.com/witgen/witgen/rt/wasi"
)

// Options says how a [Handler] serves. The zero Options is ready to use.
type Options struct {
	// WASI is what each instance is given. What it has in it is shared by all
	// instances: writers are written to by many at a time. What guests write to
	// Stdout and Stderr is logged where they are nil, a line at a time, at the
	// levels info and warning, with the id of the request unless there is Reuse.
	// Where WASI.Log is nil, messages by wasi:logging go to Log, each with the id
	// of the request that it is of; slog.New(slog.DiscardHandler) drops them.
	WASI wasi.Config

	// Imports, if it is not nil, returns what an instance is given beside WASI.
	// It is called for each, from any goroutine.
	Imports func() []rt.Import

	// Limits bounds what each instance may have.
	Limits rt.Limits

	// Stubs lets components start that import what nobody offers; calls of it
	// trap.
	Stubs bool

	// Timeout is how long a guest may work for a request, and the response take
	// to be sent; 0 means 30 s, and less that there is no limit. A request that
	// takes longer gets the status 504, or is cut off.
	Timeout time.Duration

	// MaxConcurrent is how many requests may be in guests at a time; 0 means
	// 128.
	MaxConcurrent int

	// MaxWait is how long a request may wait for its turn beyond that, before
	// it gets the status 503; 0 means 5 s, and less that none waits.
	MaxWait time.Duration

	// MaxWaiting is how many requests may wait at a time; 0 means 1,024.
	MaxWaiting int

	// MaxBody is how many bytes the body of a request may have; 0 means any
	// number. It is never in memory as a whole.
	MaxBody int64

	// Reuse is how many requests an instance serves, one after the other: what
	// one leaves in the guest's memory, the next one finds. 0 means 1. An
	// instance that trapped, or did not answer, serves no more.
	Reuse int

	// MaxIdle is how many instances wait for further requests; 0 means
	// MaxConcurrent.
	MaxIdle int

	// Log is told what goes wrong, with the id of the request as the attribute
	// "request"; nil means slog.Default().
	Log *slog.Logger

	// RequestID returns the id of a request; nil means one that is unique.
	RequestID func(*http.Request) string
}

// withDefaults returns the options with what 0 means.
func (o Options) withDefaults() Options {
	if o.Timeout == 0 {
		o.Timeout = 30 * time.Second
	}
	if o.MaxConcurrent <= 0 {
		o.MaxConcurrent = 128
	}
	if o.MaxWait == 0 {
		o.MaxWait = 5 * time.Second
	}
	if o.MaxWaiting <= 0 {
		o.MaxWaiting = 1024
	}
	if o.Reuse <= 0 {
		o.Reuse = 1
	}
	if o.MaxIdle <= 0 {
		o.MaxIdle = o.MaxConcurrent
	}
	if o.Log == nil {
		o.Log = slog.Default()
	}
	if o.RequestID == nil {
		o.RequestID = newIDs()
	}
	return o
}

// config returns what an instance is given. The log is that of its first request,
// messages that of whichever it has.
func (o *Options) config(log *slog.Logger, messages *messages) wasi.Config {
	c := o.WASI
	if c.Log == nil {
		c.Log = slog.New(messages)
	}
	if o.Reuse > 1 {
		log = o.Log
	}
	if c.Stdout == nil {
		c.Stdout = wasi.Lines(log, slog.LevelInfo)
	}
	if c.Stderr == nil {
		c.Stderr = wasi.Lines(log, slog.LevelWarn)
	}
	return c
}

// newIDs returns ids that differ between requests and between handlers.
func newIDs() func(*http.Request) string {
	var random [6]byte
	_, _ = rand.Read(random[:]) // never fails
	prefix := hex.EncodeToString(random[:]) + "-"
	var n atomic.Uint64
	return func(*http.Request) string { return prefix + strconv.FormatUint(n.Add(1), 10) }
}
