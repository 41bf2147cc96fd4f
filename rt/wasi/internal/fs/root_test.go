//go:build !(linux || darwin || freebsd || netbsd || openbsd) || witgen_portable

package fs

// portable is whether the system has os.Root alone.
const portable = true
