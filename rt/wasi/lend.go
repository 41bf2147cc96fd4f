package wasi

import (
	"context"
	"math/bits"

	"github.com/witgen/witgen/rt"
	"github.com/witgen/witgen/rt/abi"
)

// maxLent is the largest buffer that writes of an instance share: no stream takes
// more at a time.
const maxLent = 1 << 20

// lend has the bytes that a guest writes to streams of wasi:io put into one
// buffer, instead of memory of their own for each write. Streams are like any
// io.Writer: they keep nothing of what they are given.
func lend(im rt.Import) rt.Import {
	var buf []byte
	for i, f := range im.Interface.Funcs {
		switch f.Name {
		case "[method]output-stream.write", "[method]output-stream.blocking-write-and-flush":
		default:
			continue
		}
		write := im.Funcs[i]
		im.Funcs[i] = func(ctx context.Context, c *abi.Call) {
			n := int(uint32(c.Flat[2])) // self, pointer, length
			if n > cap(buf) && n <= maxLent {
				buf = make([]byte, 1<<bits.Len(uint(n-1)))
			}
			if n > 0 && n <= cap(buf) {
				c.Mem.Use(buf)
			}
			write(ctx, c)
		}
	}
	return im
}
