// Package race tells tests whether the race detector watches them. Under it code
// runs five to twenty times as slow, so that a test which only repeats, on one
// goroutine, what it has done with other numbers does so less often: the
// detector sees no more in the tenth round than in the first. All rounds run
// without it, in go test ./...
//
// It is not for leaving out tests, nor what they do on several goroutines.
package race

// Fewer returns n, and fewer where the race detector is on.
func Fewer(n, fewer int) int {
	if Enabled {
		return fewer
	}
	return n
}
