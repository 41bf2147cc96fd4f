// Package owned tells whether files and directories are the user's alone, so
// that what is in them can be trusted as far as the user can. It is for whatever
// keeps something on disk; what to do about others' files is the caller's
// business.
package owned
