package wasihttp

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"sync"
	"time"

	"github.com/witgen/witgen/rt"
)

// Handler serves requests with instances of a component. It may be used from any
// goroutine.
type Handler struct {
	o     Options
	turns *turns
	pool  *pool

	stop    context.CancelCauseFunc // interrupts guests
	stopped context.Context
	closing chan struct{} // closed when nothing new begins

	mu     sync.Mutex
	closed bool
	wg     sync.WaitGroup // of requests in guests; added to under mu
}

var _ http.Handler = (*Handler)(nil)

// NewHandler returns a handler. It fails with a [*rt.LinkError] if the component
// does not export wasi:http/incoming-handler, and if an instance of it does not
// start. The caller closes the handler before the component.
func NewHandler(component *rt.Component, o Options) (*Handler, error) {
	o = o.withDefaults()
	linked, err := component.Link(world(o))
	if err != nil {
		return nil, err
	}
	stopped, stop := context.WithCancelCause(context.Background())
	h := &Handler{
		o: o, turns: newTurns(o), pool: &pool{linked: linked, o: o},
		stop: stop, stopped: stopped, closing: make(chan struct{}),
	}
	if err := h.try(); err != nil {
		return nil, errors.Join(err, h.Close(context.Background()))
	}
	return h, nil
}

// try starts an instance, so that a component that cannot run here is an error
// before it is one of each request.
func (h *Handler) try() error {
	ctx, cancel := h.limit(context.Background())
	defer cancel(nil)
	i, err := h.pool.get(ctx, h.o.Log)
	if err != nil {
		return err
	}
	return i.in.Close(ctx)
}

// limit returns a context that ends when a request has to.
func (h *Handler) limit(ctx context.Context) (context.Context, context.CancelCauseFunc) {
	ctx, cancel := context.WithCancelCause(ctx)
	if h.o.Timeout < 0 {
		return ctx, cancel
	}
	timer := time.AfterFunc(h.o.Timeout, func() { cancel(errTimeout) })
	return ctx, func(err error) {
		timer.Stop()
		cancel(err)
	}
}

var errTimeout = errors.New("timeout of the request is over")

// begin counts a request, unless the handler is closed.
func (h *Handler) begin() bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.closed {
		return false
	}
	h.wg.Add(1)
	return true
}

// Close lets no new request begin, which get the status 503 from now on, waits
// for those in guests, and ends all instances. Once ctx is done, guests are
// interrupted. It does nothing the second time.
func (h *Handler) Close(ctx context.Context) error {
	h.mu.Lock()
	if h.closed {
		h.mu.Unlock()
		return nil
	}
	h.closed = true
	close(h.closing)
	h.mu.Unlock()
	done := make(chan struct{})
	go func() {
		h.wg.Wait()
		close(done)
	}()
	select {
	case <-done:
	case <-ctx.Done():
		h.stop(errClosed)
		<-done
	}
	h.stop(errClosed)
	return errors.Join(h.pool.close(context.WithoutCancel(ctx))...)
}

// ServeHTTP has a guest answer the request.
func (h *Handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	log := h.o.Log.With(slog.String("request", h.o.RequestID(r)))
	if r.Host == "" { // HTTP/1.0: the guest would not know what it is asked for
		refuse(w, http.StatusBadRequest)
		return
	}
	if r.Body == nil {
		r.Body = http.NoBody
	}
	if h.o.MaxBody > 0 {
		if r.ContentLength > h.o.MaxBody {
			refuse(w, http.StatusRequestEntityTooLarge)
			return
		}
		r.Body = http.MaxBytesReader(w, r.Body, h.o.MaxBody)
	}
	if !h.begin() {
		refuse(w, http.StatusServiceUnavailable)
		return
	}
	if err := h.turns.take(r.Context(), h.closing); err != nil {
		h.wg.Done()
		log.LogAttrs(r.Context(), slog.LevelWarn, "request refused", slog.Any("error", err))
		w.Header().Set("Retry-After", "1")
		refuse(w, http.StatusServiceUnavailable)
		return
	}
	c, status := h.start(w, r, log)
	if c == nil {
		refuse(w, status)
		return
	}
	c.respond(w)
}

// refuse answers with a status and its text.
func refuse(w http.ResponseWriter, status int) { http.Error(w, http.StatusText(status), status) }
