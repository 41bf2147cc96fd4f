package rt

import (
	"log/slog"
	"sync"
)

// CacheUse says what an engine has of compiled code, and how it came by it.
type CacheUse struct {
	// Components is how many components have code in memory, those that are
	// kept while nobody has them included.
	Components int
	// Kept is how many bytes the components have, as files, that are kept while
	// nobody has them.
	Kept int64
	// Hits is how many core modules came from the cache directory.
	Hits int
	// Misses is how many were not there, or damaged.
	Misses int
	// Faults is how many times something was wrong with the cache directory,
	// which only takes time.
	Faults int
	// Last says what was wrong the last time; nil if nothing ever was.
	Last error
}

// Cache returns what the engine has of compiled code.
func (e *Engine) Cache() CacheUse {
	e.cache.mu.Lock()
	u := e.cache.use
	e.cache.mu.Unlock()
	s := &e.programs
	s.mu.Lock()
	defer s.mu.Unlock()
	u.Components, u.Kept = len(s.all), s.kept
	return u
}

// cacheUse counts, and tells the log of each fault once: again only if what
// failed worked in between.
type cacheUse struct {
	log *slog.Logger // may be nil

	mu   sync.Mutex
	use  CacheUse
	told map[string]bool // by what failed
}

func (u *cacheUse) hit() {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.use.Hits++
}

func (u *cacheUse) miss() {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.use.Misses++
}

// works notes that something works which may have failed before.
func (u *cacheUse) works(what string) {
	u.mu.Lock()
	defer u.mu.Unlock()
	delete(u.told, what)
}

func (u *cacheUse) fault(what, message string, err error) {
	u.mu.Lock()
	u.use.Faults++
	u.use.Last = err
	told := u.told[what]
	if u.told == nil {
		u.told = make(map[string]bool)
	}
	u.told[what] = true
	u.mu.Unlock()
	if u.log != nil && !told {
		u.log.Warn(message, "error", err)
	}
}
