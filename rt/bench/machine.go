package main

import (
	"fmt"
	"io"
	"os"
	"runtime"
	"runtime/debug"
	"strings"
	"time"
)

// machine writes what a reader has to know to judge the figures.
func machine(out io.Writer, rounds int, before, after string) {
	fmt.Fprintf(out, "\n%s/%s, %s, %d cores, %s, %s.\n",
		runtime.GOOS, runtime.GOARCH, cpu(), runtime.NumCPU(), runtime.Version(), time.Now().Format(time.DateOnly))
	fmt.Fprintf(out, "For one call: the median of %d rounds, ± how far the middle half of them lies from it; allocations of the host's Go code.\n", rounds)
	if before != "" {
		fmt.Fprintf(out, "Load of the machine before and after: %s, %s.\n", before, after)
	}
}

// load returns the load average of the last minute, or nothing where there is no
// /proc to ask.
func load() string {
	text, err := os.ReadFile("/proc/loadavg")
	if err != nil {
		return ""
	}
	avg, _, _ := strings.Cut(string(text), " ")
	return avg
}

// cpu names the CPU, or says that it cannot.
func cpu() string {
	text, _ := os.ReadFile("/proc/cpuinfo")
	for line := range strings.Lines(string(text)) {
		if key, value, ok := strings.Cut(line, ":"); ok && strings.TrimSpace(key) == "model name" {
			return strings.TrimSpace(value)
		}
	}
	return "unknown CPU"
}

// version returns the version of a module in this program.
func version(module string) string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return ""
	}
	for _, d := range info.Deps {
		if d.Path == module {
			return d.Version
		}
	}
	return ""
}
