// Package socket is wasi:sockets: TCP, UDP and the lookup of names.
//
// A socket is the system's, and never blocks: it is asked, and where it is not
// ready the runtime's poller tells when to ask again. A goroutine waits for that
// while a guest does, or while there are bytes that a guest was told are taken
// and the system has not taken yet; an idle socket has none. What a guest may
// use is up to a [policy.Policy], which is asked before the system is.
//
// These are there on Linux and macOS. Elsewhere, and where a host connects by a
// policy.Dialer of its own, TCP sockets connect by that and do nothing else, and
// there is no UDP.
//
// See wasi:sockets and its TcpSocketOperationalSemantics.md,
// UdpSocketOperationalSemantics.md.
package socket
