package admin

import (
	"crypto/hmac"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/binary"
	"net/http"
	"strings"
	"time"
)

// session is how requests show that they have the token. A cookie does not have
// the token itself but the time it ends, signed with the token: nothing is kept
// of it here, so it is good after a restart and at other hosts of the same token,
// and none is when the token is another one.
type session struct {
	token [sha256.Size]byte // its digest, so that all are of one length
	key   []byte            // of signatures
	now   func() time.Time
}

const (
	cookieName  = "plugin-admin"
	sessionTime = 12 * time.Hour
)

func newSession(token string) session {
	mac := hmac.New(sha256.New, []byte(token))
	mac.Write([]byte("rt/plugin/admin session v1"))
	return session{token: sha256.Sum256([]byte(token)), key: mac.Sum(nil), now: time.Now}
}

// is reports whether a token is the right one, in a time that tells nothing.
func (s *session) is(token string) bool {
	sum := sha256.Sum256([]byte(token))
	return subtle.ConstantTimeCompare(sum[:], s.token[:]) == 1
}

// bearer returns the token in a request's header, whether or not it is right, and
// whether there is one.
func bearer(r *http.Request) (token string, is bool) {
	scheme, token, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	return strings.TrimSpace(token), strings.EqualFold(scheme, "Bearer")
}

// value returns a cookie's value that is good until a time.
func (s *session) value(until time.Time) string {
	end := binary.BigEndian.AppendUint64(nil, uint64(until.Unix()))
	mac := hmac.New(sha256.New, s.key)
	mac.Write(end)
	return base64.RawURLEncoding.EncodeToString(mac.Sum(end))
}

// cookie reports whether a request has a cookie that is good.
func (s *session) cookie(r *http.Request) bool {
	for _, c := range r.CookiesNamed(cookieName) {
		if s.good(c.Value) {
			return true
		}
	}
	return false
}

func (s *session) good(value string) bool {
	b, err := base64.RawURLEncoding.DecodeString(value)
	if err != nil || len(b) != 8+sha256.Size {
		return false
	}
	mac := hmac.New(sha256.New, s.key)
	mac.Write(b[:8])
	if !hmac.Equal(mac.Sum(nil), b[8:]) {
		return false
	}
	return s.now().Before(time.Unix(int64(binary.BigEndian.Uint64(b)), 0))
}

// set gives a browser the cookie, or takes it. It has no path, which makes it one
// of the directory that the page is served at.
func (h *Handler) set(w http.ResponseWriter, value string, age time.Duration) {
	c := &http.Cookie{Name: cookieName, Value: value, MaxAge: int(age / time.Second), HttpOnly: true, Secure: !h.Insecure, SameSite: http.SameSiteStrictMode}
	if age <= 0 {
		c.MaxAge = -1
	}
	http.SetCookie(w, c)
}

// askToken shows the form for the token.
func (h *Handler) askToken(w http.ResponseWriter, r *http.Request) {
	if h.session.cookie(r) {
		see(w, "./")
		return
	}
	h.page(w, http.StatusOK, "login", view{})
}

// login takes the token and gives a cookie for it.
func (h *Handler) login(w http.ResponseWriter, r *http.Request) {
	if !h.ours(r, false) {
		h.refuse(w, r, http.StatusForbidden, errOrigin)
		return
	}
	switch ok, wait := h.try(r, r.PostFormValue("token")); {
	case wait > 0:
		h.page(w, http.StatusTooManyRequests, "login", view{Error: later(w, wait).Error()})
		return
	case !ok:
		h.page(w, http.StatusUnauthorized, "login", view{Error: "This is not the token."})
		return
	}
	h.Logger.InfoContext(r.Context(), "plugin admin: logged in", "remote", r.RemoteAddr)
	h.set(w, h.session.value(h.session.now().Add(sessionTime)), sessionTime)
	see(w, "./")
}

// logout takes the cookie from the browser.
func (h *Handler) logout(w http.ResponseWriter, _ *http.Request) {
	h.set(w, "", 0)
	see(w, "login")
}
