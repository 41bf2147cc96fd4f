//go:build !linux || !(amd64 || arm64 || loong64 || mips64 || mips64le || ppc64 || ppc64le || riscv64 || s390x)

package linear

// Blocks are slices here.

func reserve(uint64) ([]byte, bool) { return nil, false }

func release([]byte) {}

func clean([]byte, uint64) (uint64, bool) { return 0, false }
