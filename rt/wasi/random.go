package wasi

import (
	"github.com/witgen/witgen/rt"
	"github.com/witgen/witgen/rt/wasi/internal/random"
	"github.com/witgen/witgen/rt/wasi/p2/random/insecure"
	"github.com/witgen/witgen/rt/wasi/p2/random/insecureseed"
	randombytes "github.com/witgen/witgen/rt/wasi/p2/random/random"
)

// random returns random numbers.
func (h *host) random() []rt.Import {
	r := random.New(h.config.Random)
	return []rt.Import{randombytes.Import(r), insecure.Import(r), insecureseed.Import(r)}
}
