// Package server serves HTTP until it is told to end. It is what witgen has of
// the network.
package server

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"time"
)

// CheckAddress returns an error for what is no host and port.
func CheckAddress(s string) error {
	if _, _, err := net.SplitHostPort(s); err != nil {
		return errors.New("want HOST:PORT, such as 127.0.0.1:8080")
	}
	return nil
}

// Serve serves at an address until ctx is done, and then until the requests
// that are under way are answered. It calls ready with the address once clients
// can connect, and ending once no more can.
func Serve(ctx context.Context, address string, h http.Handler, log *slog.Logger, ready func(address string), ending func()) error {
	l, err := (&net.ListenConfig{}).Listen(ctx, "tcp", address)
	if err != nil {
		return err
	}
	s := &http.Server{
		Handler:           h,
		ErrorLog:          slog.NewLogLogger(log.Handler(), slog.LevelWarn),
		ReadHeaderTimeout: 10 * time.Second,
		IdleTimeout:       2 * time.Minute,
	}
	served := make(chan error, 1)
	go func() { served <- s.Serve(l) }()
	ready(l.Addr().String())
	select {
	case err := <-served:
		return err
	case <-ctx.Done():
	}
	ending()
	return s.Shutdown(context.WithoutCancel(ctx))
}
