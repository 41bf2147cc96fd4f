package admin

import (
	"cmp"
	"embed"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strconv"
	"time"

	"github.com/witgen/witgen/rt/plugin"
)

// Config configures a [Handler].
type Config struct {
	// Token is what operators show to see and change anything: 16 bytes or more,
	// chosen at random.
	Token string

	// Title names the host on the page; empty is "Plugins".
	Title string

	// Refresh is how often the page is shown anew while it is open; 0 means 5 s,
	// and less than nothing never. Seconds count.
	Refresh time.Duration

	// Insecure lets browsers send the session over plain HTTP to other machines.
	// Without it they do so only by TLS and to the machine they run on, if at all.
	Insecure bool

	// Origins are those, such as "https://ops.example.com", that browsers see the
	// page at where a proxy in between changes the Host header.
	Origins []string

	// Peer says who a request is from, for bounding how often tokens are wrong: see
	// the package's text. Nil is the address of the connection, which is the proxy's
	// behind one, for all.
	Peer func(r *http.Request) string

	// Logger is told of what operators do, and of tokens that are wrong; nil is
	// [slog.Default].
	Logger *slog.Logger
}

// minToken is the fewest bytes of a token: what a session is signed with must not
// be guessed from the session.
const minToken = 16

// Handler is the page. It may be used from several goroutines.
type Handler struct {
	Config

	host     *plugin.Host
	session  session
	attempts attempts
	origin   *http.CrossOriginProtection
	mux      *http.ServeMux
}

// NewHandler returns a page of a host. The error says what is wrong with the
// configuration.
func NewHandler(host *plugin.Host, c Config) (*Handler, error) {
	if len(c.Token) < minToken {
		return nil, fmt.Errorf("admin: a token of %d bytes: %d at least", len(c.Token), minToken)
	}
	if c.Refresh == 0 {
		c.Refresh = 5 * time.Second
	}
	if c.Peer == nil {
		c.Peer = peerOf
	}
	c.Title, c.Logger = cmp.Or(c.Title, "Plugins"), cmp.Or(c.Logger, slog.Default())
	h := &Handler{Config: c, host: host, session: newSession(c.Token), origin: http.NewCrossOriginProtection(), mux: http.NewServeMux()}
	for _, o := range c.Origins {
		if err := h.origin.AddTrustedOrigin(o); err != nil {
			return nil, fmt.Errorf("admin: origin %q: %w", o, err)
		}
	}
	h.mux.HandleFunc("GET /{$}", h.reading(h.showSlots))
	h.mux.HandleFunc("GET /slot", h.reading(h.showSlot))
	h.mux.HandleFunc("GET /status.json", h.reading(h.showJSON))
	h.mux.HandleFunc("POST /act", h.changing(h.act))
	h.mux.HandleFunc("GET /login", h.askToken)
	h.mux.HandleFunc("POST /login", h.login)
	h.mux.HandleFunc("POST /logout", h.changing(h.logout))
	h.mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { text(w, http.StatusOK, "ok") })
	h.mux.HandleFunc("GET /readyz", h.ready)
	for _, name := range []string{"style.css", "refresh.js", "icon.svg"} {
		h.mux.HandleFunc("GET /"+name, func(w http.ResponseWriter, r *http.Request) { http.ServeFileFS(w, r, static, name) })
	}
	return h, nil
}

//go:embed style.css refresh.js icon.svg
var static embed.FS

// maxForm is the most bytes of what is posted.
const maxForm = 16 << 10

// ServeHTTP serves the page.
func (h *Handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	for name, value := range headers {
		w.Header().Set(name, value)
	}
	r.Body = http.MaxBytesReader(w, r.Body, maxForm)
	h.mux.ServeHTTP(w, r)
}

// headers are those of all answers: nothing comes from elsewhere, nobody frames
// the page, and no cache keeps what it shows. The referrer is for the page itself,
// since browsers say "Origin: null" of forms on pages that have none.
var headers = map[string]string{
	"Content-Security-Policy": "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src 'self'; " +
		"form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
	"X-Frame-Options":              "DENY",
	"X-Content-Type-Options":       "nosniff",
	"Referrer-Policy":              "same-origin",
	"Cross-Origin-Opener-Policy":   "same-origin",
	"Cross-Origin-Resource-Policy": "same-origin",
	"Cache-Control":                "no-store",
}

// reading lets those read who have the token, and sends browsers to the form.
func (h *Handler) reading(f http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		access, wait := h.access(r)
		switch {
		case access != none:
			f(w, r)
		case wait > 0:
			h.refuseLater(w, r, wait)
		case r.URL.Path == "/status.json" || r.Header.Get("Authorization") != "":
			h.refuse(w, r, http.StatusUnauthorized, errToken)
		default:
			see(w, "login")
		}
	}
}

// changing lets those change something who have the token, unless it is a page
// from elsewhere that has their browser do it.
func (h *Handler) changing(f http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		access, wait := h.access(r)
		switch {
		case wait > 0:
			h.refuseLater(w, r, wait)
		case access == none:
			h.refuse(w, r, http.StatusUnauthorized, errToken)
		case !h.ours(r, access == byHeader):
			h.refuse(w, r, http.StatusForbidden, errOrigin)
		default:
			f(w, r)
		}
	}
}

// access is how a request shows that it has the token.
type access int

const (
	none access = iota
	byHeader
	byCookie
)

// access says how a request shows that it has the token, or how long it has to
// wait before one in its header is looked at.
func (h *Handler) access(r *http.Request) (access, time.Duration) {
	var wait time.Duration
	if token, is := bearer(r); is {
		var ok bool
		if ok, wait = h.try(r, token); ok {
			return byHeader, 0
		}
	}
	if h.session.cookie(r) {
		return byCookie, 0
	}
	return none, wait
}

// try reports whether a token is the right one, or how long it has to wait before
// it is looked at.
func (h *Handler) try(r *http.Request, token string) (ok bool, wait time.Duration) {
	ok, wait = h.attempts.try(h.session.now(), h.Peer(r), func() bool { return h.session.is(token) })
	if !ok && wait == 0 {
		h.Logger.WarnContext(r.Context(), "plugin admin: wrong token", "remote", r.RemoteAddr)
	}
	return ok, wait
}

// refuseLater answers to who has had too many wrong tokens.
func (h *Handler) refuseLater(w http.ResponseWriter, r *http.Request, wait time.Duration) {
	h.refuse(w, r, http.StatusTooManyRequests, later(w, wait))
}

// later says in the header when to try again, and returns why.
func later(w http.ResponseWriter, wait time.Duration) error {
	seconds := int((wait + time.Second - 1) / time.Second)
	w.Header().Set("Retry-After", strconv.Itoa(seconds))
	return fmt.Errorf("too many wrong tokens: try again in %d s", seconds)
}

var (
	errToken  = errors.New("this needs the token")
	errOrigin = errors.New("the request does not come from this page")
)

// ours reports whether a request was made by this page, as browsers say of each
// POST. Programs say nothing, which is enough for those that have the token, but
// not for a cookie, that a browser adds by itself.
func (h *Handler) ours(r *http.Request, bearer bool) bool {
	if !bearer && r.Header.Get("Sec-Fetch-Site") == "" && r.Header.Get("Origin") == "" {
		return false
	}
	return h.origin.Check(r) == nil
}

// ready says whether calls of all slots are served, and to those who have the
// token why not.
func (h *Handler) ready(w http.ResponseWriter, r *http.Request) {
	err := h.host.Ready()
	if err == nil {
		text(w, http.StatusOK, "ready")
		return
	}
	if access, _ := h.access(r); access != none {
		text(w, http.StatusServiceUnavailable, "not ready: "+clean(err.Error(), maxReason))
		return
	}
	text(w, http.StatusServiceUnavailable, "not ready")
}

// text answers with a line.
func text(w http.ResponseWriter, code int, line string) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.WriteHeader(code)
	_, _ = fmt.Fprintln(w, line)
}

// see sends a browser to another address beside that of the request, wherever
// the page is served: [http.Redirect] would need to know where.
func see(w http.ResponseWriter, to string) {
	w.Header().Set("Location", to)
	w.WriteHeader(http.StatusSeeOther)
}
