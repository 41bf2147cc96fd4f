package main

import (
	"context"
	"fmt"
	"os/exec"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// result is what hey counted.
type result struct {
	rate     float64 // requests per second
	statuses map[int]int
	errors   string // empty if there were none
}

// all reports whether all requests had a status, and there were some.
func (r result) all(status int) bool {
	return r.errors == "" && len(r.statuses) == 1 && r.statuses[status] > 0
}

func (r result) String() string {
	return strings.TrimSpace(fmt.Sprintf("statuses %v %s", r.statuses, r.errors))
}

var (
	rateLine   = regexp.MustCompile(`Requests/sec:\s+([0-9.]+)`)
	statusLine = regexp.MustCompile(`(?m)^\s+\[(\d+)\]\s+(\d+) responses$`)
)

// hey sends requests for a time.
func (l *load) hey(ctx context.Context, url string, d time.Duration) (result, error) {
	cmd := exec.CommandContext(ctx, "go", "tool", "-modfile=.ci/go.mod", "hey", "-z", d.String(), "-c", strconv.Itoa(l.clients), url)
	out, err := cmd.CombinedOutput()
	if err != nil {
		return result{}, fmt.Errorf("%v: %w\n%s", cmd, err, out)
	}
	r := result{statuses: map[int]int{}}
	rate := rateLine.FindSubmatch(out)
	if rate == nil {
		return r, fmt.Errorf("%v tells no rate:\n%s", cmd, out)
	}
	if r.rate, err = strconv.ParseFloat(string(rate[1]), 64); err != nil {
		return r, err
	}
	for _, m := range statusLine.FindAllStringSubmatch(string(out), -1) {
		status, _ := strconv.Atoi(m[1])
		r.statuses[status], _ = strconv.Atoi(m[2])
	}
	_, r.errors, _ = strings.Cut(string(out), "Error distribution:")
	return r, nil
}
