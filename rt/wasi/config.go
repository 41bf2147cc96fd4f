package wasi

import (
	"context"
	"io"
	"log/slog"
	"time"

	"github.com/witgen/witgen/rt/wasi/internal/audit"
)

// Config says what a guest is given. The zero Config gives it nothing but random
// numbers and the time.
type Config struct {
	// Args are the guest's arguments. By custom the first is the name of the
	// program.
	Args []string
	// Env is the guest's environment, as "NAME=VALUE", in this order, whether or
	// not a name is there twice. [HostEnv] picks from that of this process.
	Env []string
	// Dir is the directory that the guest starts in, by the name that it has for
	// it; empty means none. It gives the guest nothing: that is for Dirs.
	Dir string

	// Stdin is what the guest reads. Nil means nothing: it is at its end. It is
	// read when the guest asks for something, up to 64 KiB ahead of it, on a
	// goroutine unless that never blocks. When the instance ends, a read under
	// way is ended, too, if Stdin is a file on Linux or has a method
	// SetReadDeadline that works; else it is left alone, and what it reads is lost.
	// Instances that share one whose reads can be ended read it in turns: a part
	// of the input is of one of them. Two files of one descriptor, or of one pipe or
	// terminal, are not one here: who has both gives instances the same *os.File.
	// All else has to be safe to be shared.
	Stdin io.Reader
	// Stdout and Stderr are where the guest writes; nil discards it. Regular files
	// and buffers are written by the guest's goroutine. All else is by one of its
	// own, with up to 64 KiB ahead of it; if there is a method Flush() error it is
	// called when the guest flushes. The end of the instance waits until all is
	// written, as far as its context lets it. If both are the same, one
	// goroutine at a time writes. Whatever several instances have has to be safe
	// for that, as files, [Buffer] and [Lines] are.
	//
	// The last 4 KiB of Stderr are in a trap too: see [rt.Trap].
	Stdout, Stderr io.Writer
	// Terminal lets the guest know which of the three are terminals, if they are
	// files of the operating system.
	Terminal bool

	// Clock is where time comes from; nil means the machine.
	Clock Clock
	// Location is where the guest is, as far as its time zone tells; nil means
	// UTC.
	Location *time.Location
	// Random is where all random numbers come from; nil means crypto/rand. It
	// must not block. With a Clock and a source of numbers that always say the
	// same a guest always does the same. The hashes by which it tells files apart
	// have a key from here too, for each instance: 32 bytes when it first asks for
	// one.
	Random io.Reader

	// Network is what the guest may use of the network, none of it if it has no
	// rules. A rule that is wrong is an error when the instance starts.
	Network Network

	// Dirs are the directories that the guest is given, in the order in which it
	// is told of them.
	Dirs []Dir

	// OpenFiles is the most files and directories that the guest may have open
	// at one time, beside those of Dirs, and the most streams of files; 0 means
	// 1,024. Beyond it, the error is insufficient-memory.
	OpenFiles int

	// HTTP is how the guest sends requests.
	HTTP HTTPClient

	// Settings are the configuration that the guest reads by wasi:config; nil means
	// that it has none.
	Settings Settings

	// Log is where the guest's messages go, by wasi:logging; nil drops them. The
	// guest's levels are those of package log/slog, and [LevelTrace] and
	// [LevelCritical]; its word for what a message is about is the attribute
	// "context". Of a message 16 KiB are logged, and of a context 256 bytes, with all
	// that is not printable quoted as in Go. The context of the call is handed on.
	Log *slog.Logger

	// KeyValue has the buckets that the guest may open, by wasi:keyvalue; nil denies
	// all.
	KeyValue KeyValue

	// Audit, if it is not nil, is told of everything that the guest is denied, on
	// the goroutine of its call: of an address that a request may not have, in
	// the call that asks what became of it or drops it, or else the next one, at
	// the latest when the instance ends.
	Audit func(ctx context.Context, d Denial)
}

// Denial is something that a guest asked for and was denied.
type Denial = audit.Denial
