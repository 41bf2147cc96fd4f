// Command pluginhost is an HTTP service whose requests are answered by three
// plugins, in three languages, that can be replaced while it runs. Its README is
// a tour.
//
//	go run ./examples/pluginhost            # serve, until it is interrupted
//	go run ./examples/pluginhost -demo      # see plugins replaced under load
package main

import (
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"flag"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/witgen/witgen/rt"
)

func main() {
	addr := flag.String("addr", "127.0.0.1:8080", "where to listen")
	dir := flag.String("dir", "pluginhost", "the directory of policy.yaml and of the plugins; it is made if it is not there")
	demo := flag.Bool("demo", false, "run a script of what can happen to plugins under load, and end")
	flag.Parse()

	if err := run(*addr, *dir, *demo); err != nil {
		fmt.Fprintln(os.Stderr, "pluginhost:", err)
		os.Exit(1)
	}
}

func run(addr, dir string, demo bool) error {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if demo {
		return showAll(ctx, os.Stdout, rt.Config{})
	}
	return serve(ctx, addr, dir)
}

// serve serves until ctx is done, and then ends as it should: no new requests,
// then no new calls, then nothing.
func serve(ctx context.Context, addr, dir string) error {
	s, err := start(ctx, settings{Dir: dir, Token: cmp.Or(os.Getenv("ADMIN_TOKEN"), rand.Text())})
	if err != nil {
		return err
	}
	handler, err := s.handler()
	if err != nil {
		return errors.Join(err, s.close())
	}
	l, err := net.Listen("tcp", addr)
	if err != nil {
		return errors.Join(err, s.close())
	}
	fmt.Printf("http://%s serves plugins of %s; /admin/ there takes the token %s\n", l.Addr(), dir, s.Token)

	// A change of the policy is for the operator to send, as kill -HUP does.
	hangup := make(chan os.Signal, 1)
	signal.Notify(hangup, syscall.SIGHUP)
	defer signal.Stop(hangup)

	server := &http.Server{Handler: handler, ReadHeaderTimeout: 10 * time.Second}
	failed := make(chan error, 1)
	go func() { failed <- server.Serve(l) }()
	for {
		select {
		case <-hangup:
			if err := s.review(ctx); err != nil {
				slog.Error("the policy is not what plugins have", "error", err)
			}
			continue
		case err = <-failed:
		case <-ctx.Done():
		}
		break
	}
	patience, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
	defer cancel()
	return errors.Join(err, server.Shutdown(patience), s.close())
}
