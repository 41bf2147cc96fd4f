package fs

import (
	"context"
	"errors"
	"testing"
	"time"
)

// TestSyncHangs has a call return when its context is done, whatever the disk
// does, and the end of the instance wait as long as it is let.
func TestSyncHangs(t *testing.T) {
	g := granted(t, Grant{Write: true})
	ctx, cancel := context.WithCancelCause(t.Context())
	why, began, hang := errors.New("why"), make(chan struct{}), make(chan struct{})
	o := &object{fs: g.fs}
	ended := make(chan error)
	go func() {
		ended <- o.synced(ctx, func() error {
			close(began)
			<-hang
			return nil
		})
	}()
	<-began
	cancel(why)
	if err := <-ended; err != why { //nolint:errorlint // it is not wrapped
		t.Errorf("got %v, want the cause", err)
	}
	short, stop := context.WithTimeout(t.Context(), 10*time.Millisecond)
	defer stop()
	if err := g.life.End(short); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("the life ends with %v", err)
	}
	close(hang)
	if err := g.life.End(t.Context()); err != nil {
		t.Error(err)
	}
}

// TestSyncContext has every function that waits for a disk look at its context.
func TestSyncContext(t *testing.T) {
	g := granted(t, Grant{Write: true})
	f := g.open(g.dir(), "file", create, read|write)
	why := errors.New("why")
	done, cancel := context.WithCancelCause(t.Context())
	cancel(why)
	for name, sync := range map[string]func(context.Context) error{
		"file sync": f.Sync, "file sync-data": f.SyncData, "directory sync": g.dir().Sync, "directory sync-data": g.dir().SyncData,
	} {
		is(t, name, sync(t.Context()), nil)
		if err := sync(done); err != why { //nolint:errorlint // it is not wrapped
			t.Errorf("%s: got %v, want the cause", name, err)
		}
	}
}
