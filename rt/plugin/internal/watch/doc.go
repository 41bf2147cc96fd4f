// Package watch brings plugins from paths on disk to whole bytes, whatever
// editors, kubelets and slow copies do on the way.
//
// [Read] waits until a file is at rest, reads it once, and says what it is: a
// component, as far as its first bytes and the frames of its sections tell, or
// an [Error] that tells bytes that are bad from faults that may pass.
//
// A [Watcher] does so again whenever the file may have changed, and tells what
// came of it if that is new: once for each change, whether the file was written
// in place, renamed over, deleted and created, or reached through a symbolic link
// that was swapped. It watches directories, never files: a save that replaces
// the file leaves a watched file behind. What the system tells of the
// directories is no more than a reason to look, and so is a clock, so that
// nothing is lost where the system tells nothing, too little or too much; it
// only takes longer.
//
// # What cannot be seen
//
// A copy that rests for longer than Options.Settle looks whole if what there is
// ends where a section of the component ends, and only there. Then the beginning
// of a component is told, and the whole one after it. A writer who renames a
// finished file does not have that. A program that changes a mapped file, or
// sets the times of a file back, may do so unseen.
//
// The package knows nothing of what a component is for, keeps nothing on disk
// and does not look into sections.
package watch
