package cli

import (
	"context"
	"os"

	"github.com/witgen/witgen/rt/cm"
	"github.com/witgen/witgen/rt/wasi/p2/cli/terminalinput"
	"github.com/witgen/witgen/rt/wasi/p2/cli/terminaloutput"
	"github.com/witgen/witgen/rt/wasi/p2/cli/terminalstderr"
	"github.com/witgen/witgen/rt/wasi/p2/cli/terminalstdin"
	"github.com/witgen/witgen/rt/wasi/p2/cli/terminalstdout"
)

var (
	_ terminalstdin.TerminalStdin   = (*Stdio)(nil)
	_ terminalstdout.TerminalStdout = (*Stdio)(nil)
	_ terminalstderr.TerminalStderr = (*Stdio)(nil)
)

// terminal tells a guest that a stream is one. It has nothing else.
type terminal struct{}

var (
	_ terminalinput.TerminalInput   = terminal{}
	_ terminaloutput.TerminalOutput = terminal{}
)

// Close does nothing.
func (terminal) Close(context.Context) error { return nil }

// GetTerminalStdin returns a terminal if stdin is one that the guest may know of.
func (x *Stdio) GetTerminalStdin(context.Context) (cm.Option[terminalinput.TerminalInput], error) {
	return cm.OptionOf[terminalinput.TerminalInput](terminal{}, x.terminal(x.given.In)), nil
}

// GetTerminalStdout is GetTerminalStdin for stdout.
func (x *Stdio) GetTerminalStdout(context.Context) (cm.Option[terminaloutput.TerminalOutput], error) {
	return cm.OptionOf[terminaloutput.TerminalOutput](terminal{}, x.terminal(x.given.Out)), nil
}

// GetTerminalStderr is GetTerminalStdin for stderr.
func (x *Stdio) GetTerminalStderr(context.Context) (cm.Option[terminaloutput.TerminalOutput], error) {
	return cm.OptionOf[terminaloutput.TerminalOutput](terminal{}, x.terminal(x.given.Err)), nil
}

func (x *Stdio) terminal(stream any) bool {
	f, ok := stream.(*os.File)
	return ok && x.given.Terminal && isTerminal(f)
}
