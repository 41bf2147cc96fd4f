// Package compat compares two versions of a WIT package and says who notices
// the difference: guests built for the old one that meet a new host, or guests
// built for the new one that meet a host that is out there already.
//
// Compare goes through these phases:
//
//   - pair: worlds, what they import and export, interfaces, functions and
//     types with what they are now, also where that has another name or stands
//     in another interface;
//   - compare: items of worlds, then types and functions of each pair. Types go
//     by structure and resources by what declares them. What changed behind a
//     name is found where the name is declared, once, with the functions that
//     use it;
//   - report: each change as one [Finding] for each role and direction in which
//     somebody notices it.
//
// Which side of a world an item is on decides: a new function of an interface
// concerns no guest that imports it, and every guest that exports it.
//
// The package compares WIT and nothing else: neither generated code nor what
// functions do. It reads no files and prints nothing.
package compat
