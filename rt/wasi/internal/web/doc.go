// Package web is wasi:http: the requests that guests send and those that they
// answer.
//
// A [Host] is what one instance imports: the types and the outgoing handler. An
// [Exchange] is one request that a guest answers; whoever serves HTTP makes it,
// hands its two ends to the guest and has it write the response.
//
// Bodies flow through windows of a fixed size, whichever way they go: a guest
// that writes faster than the network takes it waits, and nothing is read from
// the network that no guest asks for.
//
// What a guest says is checked when it says it: names, values, methods, paths
// and authorities that would mean something else to somebody on the way do not
// get into a message.
package web
