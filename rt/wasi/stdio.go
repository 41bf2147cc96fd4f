package wasi

import (
	"github.com/witgen/witgen/rt"
	"github.com/witgen/witgen/rt/wasi/internal/cli"
	"github.com/witgen/witgen/rt/wasi/p2/cli/stderr"
	"github.com/witgen/witgen/rt/wasi/p2/cli/stdin"
	"github.com/witgen/witgen/rt/wasi/p2/cli/stdout"
	"github.com/witgen/witgen/rt/wasi/p2/cli/terminalstderr"
	"github.com/witgen/witgen/rt/wasi/p2/cli/terminalstdin"
	"github.com/witgen/witgen/rt/wasi/p2/cli/terminalstdout"
)

// standard returns what the guest reads and writes. What it wrote to stderr last
// is in its traps.
func (h *host) standard() []rt.Import {
	h.stdio = cli.NewStdio(cli.Streams{
		In: h.config.Stdin, Out: h.config.Stdout, Err: h.config.Stderr, Terminal: h.config.Terminal,
	}, &h.life)
	errors := stderr.Import(h.stdio)
	errors.Stderr = h.stdio.Tail
	return []rt.Import{
		stdin.Import(h.stdio), stdout.Import(h.stdio), errors,
		own(inputImport), own(outputImport),
		terminalstdin.Import(h.stdio), terminalstdout.Import(h.stdio), terminalstderr.Import(h.stdio),
	}
}
