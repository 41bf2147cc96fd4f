package main

import (
	"context"
	"fmt"
	"strings"
	"time"
)

// permille is how many of 1,000 requests trap.
const permille = 100

// chance has guests that trap by chance, of which each says so before it does,
// while others are served.
func (l *load) chance(ctx context.Context) error {
	for _, kind := range []struct {
		name string
		args []string
	}{
		{"instance per request", nil},
		{"instances used again", []string{"--reuse", "1000000"}},
	} {
		s, err := l.start(ctx, l.serve(kind.args...))
		if err != nil {
			return err
		}
		defer s.kill()
		if _, err := l.hey(ctx, s.url+"/chance?0", time.Second); err != nil {
			return err
		}
		warm := s.use()
		got, others, err := l.beside(ctx, s, fmt.Sprintf("/chance?%d", permille), l.turn)
		if err != nil {
			return err
		}
		said := s.said()
		traps, answers := strings.Count(said, "trapping by chance"), strings.Count(said, "status=500")
		fmt.Printf("guests that trap by chance, %s\n  %d of %d requests trapped, %d had the status 500; beside them %v\n",
			kind.name, traps, got.statuses[200]+got.statuses[500], got.statuses[500], others)
		l.check(traps > 0 && traps == got.statuses[500] && traps == answers,
			"%s: %d guests trapped, %d requests had the status 500 and %d were logged", kind.name, traps, got.statuses[500], answers)
		l.check(len(got.statuses) == 2 && got.statuses[200] > 0 && got.errors == "", "%s: guests that trap by chance: %v", kind.name, got)
		l.check(others.all(200), "%s: beside guests that trap: %v", kind.name, others)
		l.kept(kind.name+", after traps", s, warm)
		if err := s.stop(); err != nil {
			return err
		}
	}
	return nil
}

// beside sends requests of two kinds at the same time: for a path, and for what
// always answers.
func (l *load) beside(ctx context.Context, s *server, path string, d time.Duration) (got, others result, err error) {
	ended := make(chan error, 1)
	go func() {
		var err error
		others, err = l.hey(ctx, s.url+"/", d)
		ended <- err
	}()
	got, err = l.hey(ctx, s.url+path, d)
	if e := <-ended; err == nil {
		err = e
	}
	return got, others, err
}
