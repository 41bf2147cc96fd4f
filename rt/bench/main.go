// Command bench compares what a call into a plugin costs: through witgen, through
// Wasmtime, through Extism, and through a second process with HashiCorp's
// go-plugin. It prints one table, in Markdown. Run it as make bench-peers.
//
// Every peer does the same work behind the same Go interface, each as its own
// documentation starts it. witgen and Wasmtime run the same components, written
// in C. Extism cannot run components, nor can the other two run its guests: its
// guest is written for its ABI, and the worker of go-plugin is Go. So the columns
// compare ways of calling, never how fast guest code runs: the guests do next
// to nothing.
//
// This is a module of its own because it takes a C compiler and modules that
// users of witgen should not inherit.
package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"testing"
)

func main() {
	testing.Init()
	rounds := flag.Int("rounds", 10, "how often each cell is measured; the table has the medians")
	benchtime := flag.String("benchtime", "200ms", "how long one measurement takes, as in go test")
	flag.Parse()
	err := run(*rounds, *benchtime, os.Stdout, os.Stderr)
	removeWorker()
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

// run measures every cell and prints the table to out. It tells progress to log.
func run(rounds int, benchtime string, out, log io.Writer) error {
	if rounds < 1 {
		return errors.New("want at least one round")
	}
	if err := flag.Set("test.benchtime", benchtime); err != nil {
		return fmt.Errorf("benchtime: %w", err)
	}
	before, t := load(), newTable()
	if err := t.measure(rounds, log); err != nil {
		return err
	}
	t.print(out)
	machine(out, rounds, before, load())
	return nil
}
