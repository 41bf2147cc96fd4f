package watch

import (
	"fmt"

	"github.com/fsnotify/fsnotify"
)

// notifier is what the system tells of directories: an event for each change of
// an entry, with the directory's name as it was added, and for the directory
// itself.
type notifier struct {
	add    func(dir string) error // what is added already is no error
	remove func(dir string) error
	close  func() error // ends the channels too
	events <-chan fsnotify.Event
	errors <-chan error
}

// notify returns the system's notifier.
func notify() (*notifier, error) {
	w, err := fsnotify.NewWatcher()
	if err != nil {
		return nil, fmt.Errorf("watching directories: %w", err)
	}
	return &notifier{w.Add, w.Remove, w.Close, w.Events, w.Errors}, nil
}
