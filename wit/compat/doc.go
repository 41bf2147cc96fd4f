// Package compat compares two versions of a WIT package and says who notices
// the difference: guests built for the old one that meet a new host, or guests
// built for the new one that meet a host that is out there already.
package compat
