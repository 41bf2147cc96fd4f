package main

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"

	api "github.com/witgen/witgen/examples/plugins/api/v0_2/plugin"
	"github.com/witgen/witgen/examples/plugins/api/v0_2/pluginapi"
	"github.com/witgen/witgen/rt"
	"github.com/witgen/witgen/rt/plugin"
	"github.com/witgen/witgen/rt/plugin/admin"
)

// handler returns what answers requests: POST /plugins/NAME has a plugin process
// the body, for the user that the header User names. Operators have /admin/, with
// their token.
func (s *service) handler() (http.Handler, error) {
	page, err := admin.NewHandler(s.host, admin.Config{Token: s.Token, Title: "pluginhost", Logger: s.Logger})
	if err != nil {
		return nil, err
	}
	mux := http.NewServeMux()
	mux.HandleFunc("POST /plugins/{name}", s.process)
	mux.Handle("/admin/", http.StripPrefix("/admin", page))
	return mux, nil
}

// answer is what became of a request, and by whom.
type answer struct {
	pluginapi.ProcessResponse

	refused pluginapi.ProcessError // nil for none
	by      plugin.Caller
	again   bool // it failed on what is being tried out before
}

func (s *service) process(w http.ResponseWriter, r *http.Request) {
	slot := s.slots[r.PathValue("name")]
	if slot == nil {
		http.Error(w, "no such plugin", http.StatusNotFound)
		return
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, 64<<10))
	if err != nil {
		http.Error(w, "more than 64 KiB", http.StatusRequestEntityTooLarge)
		return
	}
	ctx := context.WithValue(r.Context(), userKey{}, r.Header.Get("User"))
	a, err := call(ctx, slot, string(body))
	if a.by.Revision != "" {
		w.Header().Set("Plugin-Revision", a.by.Revision)
		w.Header().Set("Plugin-Arm", string(a.by.Arm))
	}
	if a.again {
		w.Header().Set("Plugin-Again", "true")
	}
	switch {
	case err != nil:
		refuse(w, r, err)
	case a.refused != nil:
		http.Error(w, a.refused.Error(), http.StatusUnprocessableEntity)
	default:
		_, _ = io.WriteString(w, a.Output+"\n")
	}
}

// call has a plugin process an input. If that fails on what is being tried out,
// the user does not pay for it: here a call may be made twice, so what serves the
// others has it too.
func call(ctx context.Context, slot *plugin.Slot[*api.Plugin], input string) (answer, error) {
	a, err := once(ctx, slot, input)
	if err == nil || a.by.Arm == plugin.Stable || ctx.Err() != nil {
		return a, err
	}
	a, err = once(plugin.OnStable(ctx), slot, input)
	a.again = true
	return a, err
}

func once(ctx context.Context, slot *plugin.Slot[*api.Plugin], input string) (a answer, err error) {
	err = slot.Do(ctx, func(ctx context.Context, p *api.Plugin) error {
		a.by, _ = plugin.CallerFrom(ctx)
		a.ProcessResponse, err = p.PluginAPI.Process(ctx, pluginapi.ProcessRequest{Input: input}, pluginapi.ProcessOptions{})
		if refused, ok := errors.AsType[pluginapi.ProcessError](err); ok { // which is an answer, and no failure
			a.refused, err = refused, nil
		}
		return err
	})
	return a, err
}

// refuse tells the user as much as the user can do something about, and the log
// the rest.
func refuse(w http.ResponseWriter, r *http.Request, err error) {
	status, text := http.StatusBadGateway, "the plugin failed"
	switch {
	case errors.Is(err, plugin.ErrOverloaded):
		status, text = http.StatusServiceUnavailable, "too many requests"
	case errors.Is(err, plugin.ErrUnavailable), errors.Is(err, plugin.ErrClosed):
		status, text = http.StatusServiceUnavailable, "the plugin does not serve at the moment"
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, rt.ErrDeadline):
		status, text = http.StatusGatewayTimeout, "the plugin took too long"
	}
	slog.WarnContext(r.Context(), text, "plugin", r.PathValue("name"), "error", err)
	http.Error(w, text, status)
}
