//go:build !race

package rollout

// raceEnabled says that the race detector makes simulations ten times as slow.
const raceEnabled = false
