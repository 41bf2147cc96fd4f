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
	about about
	do    func(ctx context.Context, c *plugin.Control, id plugin.Digest, reason string) error
}

// about says which revision a form names.
type about int

const (
	nothing about = iota
	canary
	newest // the canary, or what serves if there is none
)

var actions = map[string]action{
	"promote": {canary, func(_ context.Context, c *plugin.Control, id plugin.Digest, _ string) error { return c.PromoteOf(id) }},
	"hold":    {canary, func(_ context.Context, c *plugin.Control, _ plugin.Digest, _ string) error { return c.Hold(true) }},
	"resume":  {canary, func(_ context.Context, c *plugin.Control, _ plugin.Digest, _ string) error { return c.Hold(false) }},
	"rollback": {newest, func(ctx context.Context, c *plugin.Control, id plugin.Digest, reason string) error {
		return c.RollbackOf(ctx, id, cmp.Or(reason, "by hand"))
	}},
	"retry": {nothing, func(ctx context.Context, c *plugin.Control, _ plugin.Digest, _ string) error {
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
	id, is := a.named(c.Status())
	if a.about != nothing && is != r.PostForm.Get("revision") {
		h.refuse(w, r, http.StatusConflict, fmt.Errorf("this was for another revision: now it is %s", cmp.Or(is, "none")))
		return
	}
	reason := clean(r.PostForm.Get("reason"), maxReason)
	ctx, cancel := context.WithTimeout(context.WithoutCancel(r.Context()), actTime)
	defer cancel()
	err := a.do(ctx, c, id, reason)
	h.Logger.InfoContext(ctx, "plugin admin: "+do, "plugin", name, "revision", r.PostForm.Get("revision"), "reason", reason, "remote", r.RemoteAddr, "error", err)
	switch _, program := bearer(r); {
	case err != nil:
		h.refuse(w, r, http.StatusConflict, err)
	case program:
		w.WriteHeader(http.StatusNoContent)
	default:
		see(w, "slot?"+url.Values{"name": {name}}.Encode())
	}
}

var errSlot = errors.New("no plugin of that name")

// named returns the digest of the revision that an action is on, and its digits;
// those are empty if there is none.
func (a action) named(s plugin.Status) (id plugin.Digest, digits string) {
	r := s.Canary
	if r == nil && a.about == newest {
		r = s.Stable
	}
	if r == nil {
		return id, ""
	}
	return r.Digest, r.Digest.Short()
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
