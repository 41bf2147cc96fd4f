package admin

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"time"

	"github.com/witgen/witgen/rt/plugin"
)

// actTime is the most that loading a revision may take, which goes on when the
// browser has left: what was decided is done, or not, and not half.
const actTime = 5 * time.Minute

// action is what operators do with a slot.
type action struct {
	about string // which revision the form names: "canary", "stable", or none
	do    func(ctx context.Context, c *plugin.Control, reason string) error
}

var actions = map[string]action{
	"promote": {"canary", func(_ context.Context, c *plugin.Control, _ string) error { return c.Promote() }},
	"hold":    {"canary", func(_ context.Context, c *plugin.Control, _ string) error { return c.Hold(true) }},
	"resume":  {"canary", func(_ context.Context, c *plugin.Control, _ string) error { return c.Hold(false) }},
	"rollback": {"serving", func(ctx context.Context, c *plugin.Control, reason string) error {
		return c.Rollback(ctx, cmp.Or(reason, "by hand"))
	}},
	"retry": {"", func(ctx context.Context, c *plugin.Control, _ string) error {
		_, err := c.Retry(ctx, plugin.Source{})
		return err
	}},
}

// act does what a form says. The form of an action on a revision names it by its
// 12 digits, as the operator saw them: it is refused if another one is there by
// now.
func (h *Handler) act(w http.ResponseWriter, r *http.Request) {
	if err := r.ParseForm(); err != nil {
		h.refuse(w, r, http.StatusBadRequest, errors.New("not a form, or too long a one"))
		return
	}
	name, do := r.PostForm.Get("slot"), r.PostForm.Get("do")
	c, a := h.host.Get(name), actions[do]
	switch {
	case c == nil:
		h.refuse(w, r, http.StatusNotFound, errSlot)
		return
	case a.do == nil:
		h.refuse(w, r, http.StatusBadRequest, errors.New("no such action"))
		return
	}
	if is := a.named(c.Status()); a.about != "" && is != r.PostForm.Get("revision") {
		h.refuse(w, r, http.StatusConflict, fmt.Errorf("this was for another revision: now it is %s", cmp.Or(is, "none")))
		return
	}
	reason := clean(r.PostForm.Get("reason"), maxReason)
	ctx, cancel := context.WithTimeout(context.WithoutCancel(r.Context()), actTime)
	defer cancel()
	err := a.do(ctx, c, reason)
	h.Logger.InfoContext(ctx, "plugin admin: "+do, "plugin", name, "revision", r.PostForm.Get("revision"), "reason", reason, "remote", r.RemoteAddr, "error", err)
	switch {
	case err != nil:
		h.refuse(w, r, http.StatusConflict, err)
	case h.session.bearer(r):
		w.WriteHeader(http.StatusNoContent)
	default:
		see(w, "slot?"+url.Values{"name": {name}}.Encode())
	}
}

var errSlot = errors.New("no plugin of that name")

// named returns the digits of the revision that an action is on.
func (a action) named(s plugin.Status) string {
	r := s.Canary
	if r == nil && a.about == "serving" {
		r = s.Stable
	}
	if r == nil {
		return ""
	}
	return r.Digest.Short()
}

// refuse answers with an error: as JSON to programs, as a page to browsers.
func (h *Handler) refuse(w http.ResponseWriter, r *http.Request, code int, err error) {
	if code == http.StatusUnauthorized {
		w.Header().Set("WWW-Authenticate", `Bearer realm="plugins"`)
	}
	why := clean(err.Error(), maxReason)
	if r.URL.Path == "/status.json" || r.Header.Get("Authorization") != "" {
		writeJSON(w, code, map[string]string{"error": why})
		return
	}
	h.page(w, code, "refused", view{Error: why})
}

// writeJSON answers with JSON.
func writeJSON(w http.ResponseWriter, code int, value any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(code)
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	_ = e.Encode(value) // a reader that left has no use for it
}
