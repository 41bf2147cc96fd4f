// Package tally counts how calls end and how long they take: what the breaker
// trips on, what a rollout is judged by and what metrics show.
//
// A [Meter] is where calls are recorded, by any number of goroutines. It only
// ever grows. Reading it gives a [Tally], plain data, and the difference of two
// is a window in time: nothing is reset, so nothing is lost between windows and
// any number of readers have windows of their own.
package tally
