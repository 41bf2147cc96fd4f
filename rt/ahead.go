package rt

import (
	"cmp"
	"context"
	"slices"
	"sync"

	"github.com/witgen/witgen/rt/internal/store"
)

// ahead loads the images of a component from the cache directory while the
// component is still being decoded and checked: it was compiled before, and
// which images it has was noted.
type ahead struct {
	engine *Engine
	parts  []store.Part
	wait   sync.WaitGroup
	done   []chan struct{} // by image
	images []image         // without code for those that were not there
}

// loadAhead begins to load the images of a component, the largest first. It
// returns nil if they are not known.
func (e *Engine) loadAhead(ctx context.Context, key store.Key) *ahead {
	parts, err := e.disk.dir.Component(key)
	if err != nil {
		e.damaged(key, err)
		return nil
	}
	a := &ahead{engine: e, parts: parts, images: make([]image, len(parts))}
	var order []int
	for i, p := range parts {
		a.done = append(a.done, make(chan struct{}))
		if p.Stored() {
			order = append(order, i)
		} else { // the host gives it
			close(a.done[i])
		}
	}
	slices.SortStableFunc(order, func(i, j int) int { return cmp.Compare(parts[j].Size(), parts[i].Size()) })
	next := make(chan int, len(order))
	for _, i := range order {
		next <- i
	}
	close(next)
	for range min(cap(e.turns()), len(order)) {
		a.wait.Go(func() {
			for i := range next {
				a.load(ctx, i)
				close(a.done[i])
			}
		})
	}
	return a
}

// load loads an image. Who wants it and does not get it tries to load it again,
// and says why that cannot be done.
func (a *ahead) load(ctx context.Context, i int) {
	if ctx.Err() != nil {
		return
	}
	if im, err := a.engine.disk.dir.Part(a.parts[i]); err == nil {
		a.images[i], _ = a.engine.loadRead(ctx, im)
	}
}

// take returns an image, once, if it was loaded. There may be nobody ahead.
func (a *ahead) take(i int) (image, bool) {
	if a == nil || i >= len(a.done) {
		return image{}, false
	}
	<-a.done[i]
	im := a.images[i]
	a.images[i] = image{}
	return im, im.code != nil
}

// close frees what nobody took.
func (a *ahead) close(ctx context.Context) {
	if a == nil {
		return
	}
	a.wait.Wait()
	for _, im := range a.images {
		if im.code != nil {
			_ = im.code.Close(ctx) // it never fails
		}
	}
}

// note writes down which images a component has, unless it is known.
func (e *Engine) note(key store.Key, images []image, a *ahead) {
	parts := make([]store.Part, len(images))
	for i, im := range images {
		parts[i] = im.part
	}
	if a != nil && slices.Equal(a.parts, parts) || e.disk.resting() {
		return
	}
	if err := e.disk.dir.PutComponent(key, parts); err != nil {
		e.notStored(err)
	}
}
