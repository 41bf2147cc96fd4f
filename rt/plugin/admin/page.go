package admin

import (
	"bytes"
	_ "embed" // of the templates
	"fmt"
	"html/template"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
)

// view is what a page is made of.
type view struct {
	Title   string
	Refresh int    // seconds; 0 means never
	Turn    string // address of the page that is, or is not, shown anew
	Paused  bool
	Now     time.Time
	Slots   []slot
	Slot    *slot
	Error   string
}

//go:embed page.html
var pages string

var templates = template.Must(template.New("").Funcs(template.FuncMap{
	"short": short, "percent": percent, "duration": duration, "ago": ago, "stamp": stamp, "address": address, "total": total, "words": words, "slower": slower,
}).Parse(pages))

// page answers with a page of a name.
func (h *Handler) page(w http.ResponseWriter, code int, name string, v view) {
	v.Title, v.Now = h.Title, h.session.now()
	var b bytes.Buffer
	if err := templates.ExecuteTemplate(&b, name, v); err != nil {
		h.Logger.Error("plugin admin: page", "page", name, "error", err)
		text(w, http.StatusInternalServerError, "the page cannot be shown")
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(code)
	_, _ = b.WriteTo(w) // a browser that left has no use for it
}

// showSlots shows all slots.
func (h *Handler) showSlots(w http.ResponseWriter, r *http.Request) {
	v := view{Slots: h.slots()}
	h.pace(&v, r, "./", nil)
	h.page(w, http.StatusOK, "slots", v)
}

// showSlot shows one slot, with its buttons.
func (h *Handler) showSlot(w http.ResponseWriter, r *http.Request) {
	name := r.URL.Query().Get("name")
	c := h.host.Get(name)
	if c == nil {
		h.refuse(w, r, http.StatusNotFound, errSlot)
		return
	}
	s := slotOf(c)
	v := view{Slot: &s}
	h.pace(&v, r, "slot", url.Values{"name": {name}})
	h.page(w, http.StatusOK, "slot", v)
}

// pace says how often a page is shown anew, unless whoever reads it wants none
// of that.
func (h *Handler) pace(v *view, r *http.Request, path string, query url.Values) {
	if h.Refresh < 0 {
		return
	}
	v.Paused = r.URL.Query().Get("refresh") == "off"
	if !v.Paused {
		v.Refresh = max(int(h.Refresh/time.Second), 1)
		query = url.Values{"name": query["name"], "refresh": {"off"}}
	}
	v.Turn = path + "?" + query.Encode()
}

// latest sorts by time, the last first.
func latest[T any](all []T, at func(T) time.Time) {
	slices.SortStableFunc(all, func(a, b T) int { return at(b).Compare(at(a)) })
}

// short returns the digits of a digest that stand for it.
func short(digest string) string {
	digits := strings.TrimPrefix(digest, "sha256:")
	return digits[:min(len(digits), 12)]
}

func percent(share float64) string { return fmt.Sprintf("%.4g%%", share*100) }

// address returns the address of a slot's page.
func address(name string) string { return "slot?" + url.Values{"name": {name}}.Encode() }

// duration returns a number of seconds in the unit that suits it; 0 is none.
func duration(seconds float64) string {
	switch {
	case seconds == 0:
		return "–"
	case seconds < 1e-3:
		return fmt.Sprintf("%.3g µs", seconds*1e6)
	case seconds < 1:
		return fmt.Sprintf("%.3g ms", seconds*1e3)
	}
	return fmt.Sprintf("%.3g s", seconds)
}

// ago returns how long before now a time was.
func ago(now, at time.Time) string {
	d := max(now.Sub(at), 0)
	switch {
	case d < time.Minute:
		return fmt.Sprintf("%d s ago", int(d.Seconds()))
	case d < time.Hour:
		return fmt.Sprintf("%d min ago", int(d.Minutes()))
	case d < 48*time.Hour:
		return fmt.Sprintf("%d h ago", int(d.Hours()))
	}
	return fmt.Sprintf("%d days ago", int(d.Hours()/24))
}

// stamp returns a time for machines and for those who want to know exactly.
func stamp(at time.Time) string { return at.UTC().Format(time.RFC3339) }

// total returns how many calls ended in any way.
func total(outcomes map[string]uint64) (n uint64) {
	for _, calls := range outcomes {
		n += calls
	}
	return n
}

// words returns a name of a program's as people write it.
func words(name any) string {
	return strings.NewReplacer("-", " ", "_", " ").Replace(fmt.Sprint(name))
}

// slower returns how often a page is shown anew that forgets what was typed
// into it.
func slower(seconds int) int { return max(seconds, 30) }
