package poll

import "context"

// Wait waits until one of the sources is ready, and returns the indices of all
// that are, in their order. It returns the context's cause if that is done
// first, even if a source is ready by then.
func Wait(ctx context.Context, sources []Source) ([]uint32, error) {
	if ctx.Err() != nil {
		return nil, context.Cause(ctx)
	}
	if ready := readyOf(sources); len(ready) > 0 {
		return ready, nil
	}
	w := NewWaker()
	watched := make(map[Source]bool) // of any size: all sources may be one
	for _, s := range sources {
		if watched[s] {
			continue
		}
		watched[s] = true
		defer s.Watch(w)()
	}
	for {
		if ready := readyOf(sources); len(ready) > 0 {
			return ready, nil
		}
		if err := w.Wait(ctx); err != nil {
			return nil, err
		}
	}
}

// Until waits until a source is ready. It returns the context's cause if that is
// done first, even if the source is ready by then.
func Until(ctx context.Context, s Source) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	if s.Ready() {
		return nil
	}
	w := NewWaker()
	defer s.Watch(w)()
	for !s.Ready() {
		if err := w.Wait(ctx); err != nil {
			return err
		}
	}
	return nil
}

func readyOf(sources []Source) (ready []uint32) {
	for i, s := range sources {
		if s.Ready() {
			if ready == nil {
				ready = make([]uint32, 0, len(sources)-i)
			}
			ready = append(ready, uint32(i))
		}
	}
	return ready
}
