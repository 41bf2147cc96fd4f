// Package fs is wasi:filesystem over directories of the host.
//
// A guest has nothing but the directories that it is granted. Each is opened
// once, when the instance starts, and never again by its name. What lies below
// is reached from there, in two steps: [os.Root] walks to the directory that a
// path ends in, and leaves no way out of the grant, whatever is renamed or
// linked meanwhile; the last name of the path is then given to the system as it
// is, beside that open directory, with no link followed. A link that is to be
// followed is read, and the path that it makes is walked again from the start.
// Systems without such calls (node_root.go) have os.Root alone.
//
// The rights of a grant hold for all that is opened below it. A path that leads
// out of the grant, and a change of what may only be read, is not-permitted, and
// told to the audit log with the path as the guest knows it. Guests never see an
// error of Go's, which has paths of the host in it, only what codes.go makes of
// it.
//
// Nothing here waits, and there is no goroutine: files are always ready. The
// resources of an instance are for the goroutine that runs it.
package fs
